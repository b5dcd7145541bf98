namespace Dashboard.Web.Board;

/// <summary>The beginning of a text, for where there is no room for all of it.</summary>
internal static class Excerpt
{
    private const int MaxLength = 300;
    private const int MaxLines = 6;

    /// <summary>The text itself when it is short, else how it begins: whole characters, few lines.</summary>
    public static string Of(string text)
    {
        var end = Math.Min(text.Length, MaxLength);
        for (int lines = 0, i = 0; i < end; i++)
        {
            if (text[i] == '\n' && ++lines == MaxLines)
            {
                end = i;
            }
        }

        return end < text.Length && end > 0 && char.IsHighSurrogate(text[end - 1]) ? text[..(end - 1)] : text[..end];
    }
}
