using System.Text.RegularExpressions;
using System.Xml.Linq;
using Testing;

namespace Dashboard.Web.Tests;

/// <summary>Reads the sources of the pages and their German.</summary>
public sealed partial class TextsTests
{
    private static readonly string Root = Path.Combine(LocalServer.Repository, "Dashboard.Web");

    [Fact]
    public void Every_text_of_the_pages_has_its_German_and_no_German_is_left_over()
    {
        var used = Sources().SelectMany(file => Keys(File.ReadAllText(file))).Distinct().ToList();
        var german = German().ToList();

        Assert.NotEmpty(used);
        Assert.Empty(
            german
                .GroupBy(text => text.English, StringComparer.OrdinalIgnoreCase)
                .Where(texts => texts.Count() > 1)
                .Select(texts => $"twice, or only differing in case, in Texts.de.resx: {texts.Key}")
        );
        Assert.Empty(used.Except(german.Select(text => text.English)).Select(key => $"not in Texts.de.resx: {key}"));
        Assert.Empty(german.Select(text => text.English).Except(used).Select(key => $"in Texts.de.resx, but on no page: {key}"));
        Assert.Empty(german.Where(text => string.IsNullOrWhiteSpace(text.Value)).Select(text => $"empty: {text.English}"));
        Assert.Empty(german.Where(text => !Holes(text.English).SetEquals(Holes(text.Value))).Select(text => $"other placeholders: {text.English}"));
    }

    [Fact]
    public void Every_text_is_written_where_it_is_asked_for_or_marked_as_one()
    {
        var lookups = Sources()
            .SelectMany(file => Lookup().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileName(file)}: {match.Value}"));
        // What is left is a variable, which holds a text that Texts.Key marks.
        var others = lookups.Where(lookup => !Variable().IsMatch(lookup));
        Assert.Empty(others);
    }

    private static IEnumerable<string> Sources() =>
        Directory
            .EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".razor" or ".cs")
            .Where(file => Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .Where(file => Path.GetFileName(file) != "Texts.cs");

    private static IEnumerable<string> Keys(string source) =>
        Text().Matches(source).SelectMany(match => match.Groups["key"].Captures).Select(key => Regex.Unescape(key.Value));

    private static IEnumerable<(string English, string Value)> German() =>
        XDocument
            .Load(Path.Combine(Root, "Texts.de.resx"))
            .Root!.Elements("data")
            .Select(data => (data.Attribute("name")!.Value, data.Element("value")!.Value));

    private static HashSet<string> Holes(string text) => [.. Hole().Matches(text).Select(match => match.Value)];

    // T["..."], texts["..."] where a method is given them, Texts.Key("..."), and both forms of T.Plural(number, "...", "...").
    [GeneratedRegex(
        """\b(?:(?:T|texts)\[|Texts\.Key\(|(?:T|texts)\.Plural\([^"]*?"(?<key>(?:[^"\\]|\\.)*)",)\s*"(?<key>(?:[^"\\]|\\.)*)"\s*[\],)]"""
    )]
    private static partial Regex Text();

    [GeneratedRegex("""\b(?:T|texts)\[(?!\s*")[^\n]*""")]
    private static partial Regex Lookup();

    [GeneratedRegex("""\[[\w.]+[\],]""")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Hole();
}
