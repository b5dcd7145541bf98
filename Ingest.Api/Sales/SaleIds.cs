using System.Globalization;
using Ingest.Api.Http;

namespace Ingest.Api.Sales;

/// <summary>Gives lines of a file ids that come from what they say, so that the same line is the same sale in each file that has it.</summary>
internal static class SaleIds
{
    // Set apart from ids that others make of the same text.
    private const string Prefix = "taproom-sale";

    /// <summary>The ids of sales, in their order; of lines that say the same each has another, by how many of them came before it.</summary>
    public static IReadOnlyList<Guid> Of(IReadOnlyList<SaleDraft> drafts)
    {
        var before = new Dictionary<string, int>();
        var ids = new List<Guid>(drafts.Count);
        foreach (var text in drafts.Select(TextOf))
        {
            before[text] = before.GetValueOrDefault(text) + 1;
            ids.Add(NamedIds.Of($"{text}\n{before[text]}"));
        }

        return ids;
    }

    // What is understood and not the bytes: another order of columns, or another delimiter, makes no other sale.
    private static string TextOf(SaleDraft draft) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}\n{draft.SoldAt.UtcTicks}\n{draft.TapId}\n{draft.Beverage?.ToUpperInvariant()}\n{draft.VolumeMl:0.###}\n{draft.Count}\n{draft.Price:0.####}"
        );
}
