using System.Globalization;

namespace Benchmarks.Results;

/// <summary>Writes figures as rows.</summary>
internal static class Table
{
    private static readonly string[] Heads = ["what", "value", "unit", "ceiling", "of", "ratio", "must reach", "reached"];

    /// <summary>For a terminal.</summary>
    public static string ToText(CaseResult result)
    {
        string[][] rows = [Heads, .. result.Figures.Select(Cells)];
        int[] widths = [.. Heads.Select((_, column) => rows.Max(row => row[column].Length))];
        var lines = rows.Select(row => string.Join("  ", row.Select((cell, column) => Pad(cell, widths[column], column))).TrimEnd());
        return string.Join('\n', [result.Case, .. lines.Select(line => $"  {line}")]);
    }

    /// <summary>For a document.</summary>
    public static string ToMarkdown(CaseResult result) =>
        string.Join(
            '\n',
            ((string[][])[Heads, [.. Heads.Select((_, column) => IsNumber(column) ? "--:" : "---")], .. result.Figures.Select(Cells)]).Select(row =>
                $"| {string.Join(" | ", row)} |"
            )
        );

    private static string[] Cells(Figure figure) =>
        [
            figure.Name,
            Number(figure.Value),
            figure.Unit,
            figure.Against is { } ceiling ? Number(ceiling.Value) : "",
            figure.Against?.Name ?? "",
            figure.Ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? "",
            figure.MustReach?.ToString() ?? "",
            figure.IsReached switch
            {
                true => "yes",
                false => "no",
                null => "",
            },
        ];

    private static string Number(double value) =>
        value.ToString(
            Math.Abs(value) switch
            {
                >= 100 => "N0",
                >= 10 => "N1",
                _ => "N2",
            },
            CultureInfo.InvariantCulture
        );

    private static bool IsNumber(int column) => column is 1 or 3 or 5;

    private static string Pad(string cell, int width, int column) => IsNumber(column) ? cell.PadLeft(width) : cell.PadRight(width);
}
