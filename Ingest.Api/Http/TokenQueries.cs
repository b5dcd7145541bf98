using Microsoft.EntityFrameworkCore;
using Taproom.Store;
using Taproom.Taps;

namespace Ingest.Api.Http;

/// <summary>Reads what the registry keeps of tokens.</summary>
internal static class TokenQueries
{
    /// <summary>What is kept of the tokens of these taps, by tap id; a tap without a token is left out.</summary>
    public static async Task<Dictionary<int, KeptTokens>> KeptAsync(this IQueryable<TapTotals> taps, CancellationToken cancellationToken) =>
        await taps.Where(tap => tap.TokenHash != null)
            .Select(tap => new
            {
                tap.Id,
                tap.TokenHash,
                tap.PreviousTokenHash,
                tap.PreviousTokenUntil,
            })
            .ToDictionaryAsync(
                tap => tap.Id,
                tap => new KeptTokens(tap.TokenHash!, tap.PreviousTokenHash, tap.PreviousTokenUntil),
                cancellationToken
            );
}
