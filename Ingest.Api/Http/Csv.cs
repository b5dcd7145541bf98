using System.Globalization;

namespace Ingest.Api.Http;

/// <summary>Files for spreadsheets (RFC 4180).</summary>
internal static class Csv
{
    /// <summary>A line of cells, without its end. A text that begins like a formula gets an apostrophe, because a spreadsheet would take it for one.</summary>
    public static string Line(params IEnumerable<object?> cells) => string.Join(',', cells.Select(Cell));

    private static string? Cell(object? value)
    {
        if (value is not string text)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{text}" : text;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
