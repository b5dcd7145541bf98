namespace Dashboard.Web;

/// <summary>
/// The texts of the pages: <c>T["English text"]</c>. English is the key and needs no entry; German is in <c>Texts.de.resx</c>, one text a line, sorted.
/// Two keys cannot differ in upper and lower case alone, so labels begin with a capital.
/// A test reads all sources, and tells which text has no German or is used no more.
/// </summary>
internal sealed class Texts
{
    /// <summary>Marks an English text that is looked up elsewhere, by a variable.</summary>
    public static string Key(string english) => english;
}
