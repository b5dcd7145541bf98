using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Taproom.Reports;

/// <summary>One of several pours that are reported together.</summary>
/// <param name="Report">The report; null where it is refused.</param>
/// <param name="Refusal">Why it is refused, or null.</param>
/// <param name="Json">It as it was sent, a part of the document.</param>
public readonly record struct PourItem(PourReport? Report, Refusal? Refusal, ReadOnlyMemory<byte> Json);

/// <summary>Reads a JSON array of pours.</summary>
public static class PourBatch
{
    /// <summary>Reads and validates the items, each on its own; a document that breaks a rule of JSON is refused as a whole.</summary>
    /// <param name="utf8">The JSON document, UTF-8.</param>
    /// <param name="most">Most items.</param>
    /// <param name="items">The items in their order, one at least; or null.</param>
    /// <param name="refusal">Why the document is refused (always status 400), or null.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8,
        int most,
        [NotNullWhen(true)] out IReadOnlyList<PourItem>? items,
        [NotNullWhen(false)] out Refusal? refusal
    )
    {
        var read = new List<PourItem>();
        var reader = new StrictReader(utf8.Span, PourReport.Utf8Names, depth: 2);
        if (reader.Read() && reader.Json.TokenType is JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.Json.CurrentDepth > 0 && read.Count <= most)
            {
                var start = (int)reader.Json.TokenStartIndex;
                var (report, fault) = PourReport.Read(ref reader);
                read.Add(new PourItem(report, fault, utf8[start..(int)reader.Json.BytesConsumed]));
            }
        }

        reader.ReadToEnd();
        refusal =
            reader.Refusal
            ?? (read.Count is 0 || read.Count > most ? Refusal.Malformed(null, $"The body must be an array of 1 to {most} pours.") : null);
        items = refusal is null ? read : null;
        return refusal is null;
    }
}
