namespace Dashboard.Web.Components.Common;

/// <summary>What purposes of pours are called; each a text of the pages.</summary>
internal static class PurposeNames
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["sale"] = Texts.Key("For sale"),
        ["cleaning"] = Texts.Key("Cleaning"),
        ["foam"] = Texts.Key("Foam"),
        ["spill"] = Texts.Key("Spilt"),
        ["taster"] = Texts.Key("To taste"),
    };

    /// <summary>The English text of a purpose, by the name that the API gives it.</summary>
    public static string Of(string purpose) => Names.GetValueOrDefault(purpose, purpose);
}
