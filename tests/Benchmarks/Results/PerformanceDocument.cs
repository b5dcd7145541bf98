using System.Globalization;
using Benchmarks.Cases;
using Testing;

namespace Benchmarks.Results;

/// <summary>The tables in <c>docs/performance.md</c>, between two marks; what people wrote around them stays.</summary>
internal static class PerformanceDocument
{
    private const string Begin = "<!-- Written by ./bench --write from here -->";
    private const string End = "<!-- to here -->";
    private const string Heading = "\n### ";
    private const string Empty = $"# Performance\n\n{Begin}\n{End}\n";

    private static readonly string Path = System.IO.Path.Combine(LocalServer.Repository, "docs", "performance.md");

    /// <summary>Writes the tables of these cases in the place of their former ones; those of other cases stay.</summary>
    public static void Write(IReadOnlyList<CaseResult> results)
    {
        var text = File.Exists(Path) ? File.ReadAllText(Path) : Empty;
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        Check.That(from >= Begin.Length && to >= from, $"{Path} has lost the marks between which the tables belong.");
        var sections = text[from..to].Split(Heading)[1..].ToDictionary(section => section[..section.IndexOf('\n', StringComparison.Ordinal)]);
        foreach (var result in results)
        {
            sections[result.Case] = Section(result);
        }

        var known = All.Cases.Where(known => sections.ContainsKey(known.Name)).Select(known => $"{Heading}{sections[known.Name].TrimEnd()}\n");
        File.WriteAllText(Path, $"{text[..from]}\n{string.Concat(known)}\n{text[to..]}");
    }

    private static string Section(CaseResult result) =>
        $"""
            {result.Case}

            {result.At.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC, `{result.Command}`, {result.Machine}.

            {Table.ToMarkdown(result)}
            """;
}
