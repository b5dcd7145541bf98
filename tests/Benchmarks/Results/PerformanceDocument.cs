using System.Globalization;
using Testing;

namespace Benchmarks.Results;

/// <summary>The tables in <c>docs/performance.md</c>, between two marks; what people wrote around them stays.</summary>
internal static class PerformanceDocument
{
    private const string Begin = "<!-- Written by ./bench --write from here -->";
    private const string End = "<!-- to here -->";
    private const string Empty = $"# Performance\n\n{Begin}\n{End}\n";

    private static readonly string Path = System.IO.Path.Combine(LocalServer.Repository, "docs", "performance.md");

    /// <summary>Writes the newest result of each case.</summary>
    public static void Write(IReadOnlyDictionary<string, CaseResult> results)
    {
        var text = File.Exists(Path) ? File.ReadAllText(Path) : Empty;
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        Check.That(from >= Begin.Length && to >= from, $"{Path} has lost the marks between which the tables belong.");
        var tables = results.Values.OrderBy(result => result.At).Select(Section);
        File.WriteAllText(Path, $"{text[..from]}\n{string.Join("\n", tables)}\n{text[to..]}");
    }

    private static string Section(CaseResult result) =>
        $"""

            ### {result.Case}

            {result.At.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC, `{result.Command}`, {result.Machine}.

            {Table.ToMarkdown(result)}

            """;
}
