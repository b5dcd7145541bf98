using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ingest.Api.Sales;

/// <summary>Gives lines of a file ids that come from what they say, so that the same line is the same sale in each file that has it.</summary>
internal static class SaleIds
{
    // Set apart from ids that others make of the same text.
    private const string Prefix = "taproom-sale";

    private const int UuidLength = 16;

    /// <summary>The ids of sales, in their order; of lines that say the same each has another, by how many of them came before it.</summary>
    public static IReadOnlyList<Guid> Of(IReadOnlyList<SaleDraft> drafts)
    {
        var before = new Dictionary<string, int>();
        var ids = new List<Guid>(drafts.Count);
        foreach (var text in drafts.Select(TextOf))
        {
            before[text] = before.GetValueOrDefault(text) + 1;
            ids.Add(Of($"{text}\n{before[text]}"));
        }

        return ids;
    }

    /// <summary>A UUID of version 8 (RFC 9562, section 5.8): the beginning of the SHA-256 of the text.</summary>
    private static Guid Of(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, UuidLength);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    // What is understood and not the bytes: another order of columns, or another delimiter, makes no other sale.
    private static string TextOf(SaleDraft draft) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}\n{draft.SoldAt.UtcTicks}\n{draft.TapId}\n{draft.Beverage?.ToUpperInvariant()}\n{draft.VolumeMl:0.###}\n{draft.Count}\n{draft.Price:0.####}"
        );
}
