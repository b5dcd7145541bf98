using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Localization;

namespace Dashboard.Web.Access;

/// <summary>Why something was refused or set aside, in the visitor's language. Problem documents have no code for programs, so it is known by its words.</summary>
internal static partial class RefusalText
{
    // What a sentence tells of may be a sentence, as in "This can never be stored: ...".
    private const int MaxDepth = 3;

    // The most of words comes first, for a text may fit several.
    private static readonly (string English, string[] Parts)[] Known =
    [
        .. KnownRefusals
            .All.Select(english => (English: english, Parts: Hole().Split(english)))
            .OrderByDescending(known => known.Parts.Sum(part => part.Length)),
    ];

    /// <summary>What another service wrote, by its words; as it is, in English, where they are not known here.</summary>
    [return: NotNullIfNotNull(nameof(reason))]
    public static string? Refusal(this IStringLocalizer<Texts> texts, string? reason) => reason is null ? null : Say(texts, reason, MaxDepth);

    private static string Say(IStringLocalizer<Texts> texts, string reason, int depth)
    {
        foreach (var (english, parts) in depth > 0 ? Known : [])
        {
            if (Fill(parts, reason) is { } filled)
            {
                return texts[english, Array.ConvertAll<string, object>(filled, text => Say(texts, text, depth - 1))];
            }
        }

        return reason;
    }

    /// <summary>What a text has in the places between its parts; null when it is another text.</summary>
    private static string[]? Fill(string[] parts, string text)
    {
        if (!text.StartsWith(parts[0], StringComparison.Ordinal) || !text.EndsWith(parts[^1], StringComparison.Ordinal))
        {
            return null;
        }

        var (filled, at) = (new string[parts.Length - 1], parts[0].Length);
        for (var n = 1; n < parts.Length; n++)
        {
            var end = n == parts.Length - 1 ? text.Length - parts[n].Length : text.IndexOf(parts[n], at, StringComparison.Ordinal);
            if (end <= at)
            {
                return null;
            }

            filled[n - 1] = text[at..end];
            at = end + parts[n].Length;
        }

        return at == text.Length ? filled : null;
    }

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Hole();
}
