using System.Data;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Live;

/// <summary>What Postgres had at one moment.</summary>
/// <param name="Totals">Totals of every tap.</param>
/// <param name="Kegs">Every keg that is on a tap.</param>
/// <param name="StoredIds">Those of the ids asked for that it had, deleted or not.</param>
/// <param name="DeletedIds">Those of them that were deleted.</param>
/// <param name="Newest">The newest pours of each tap, at most <see cref="TapRecord.MixSize"/> of each; empty unless asked for.</param>
internal sealed record StoredBoard(
    IReadOnlyList<TapTotals> Totals,
    IReadOnlyList<Keg> Kegs,
    IReadOnlyList<Guid> StoredIds,
    IReadOnlyList<Guid> DeletedIds,
    IReadOnlyList<Pour> Newest
);

/// <summary>Reads what the board needs of Postgres.</summary>
internal sealed class StoredBoardQuery(TaproomDb db)
{
    private const int IdsPerQuery = 10_000;

    /// <summary>Reads all of it as of one and the same moment.</summary>
    /// <param name="ids">Gives the ids to look for, or null to give up; called after that moment.</param>
    /// <param name="withNewest">Whether to read the newest pours too.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>Null when <paramref name="ids"/> gave up.</returns>
    public async Task<StoredBoard?> ReadAsync(Func<Task<IReadOnlyList<Guid>?>> ids, bool withNewest, CancellationToken cancellationToken)
    {
        // One snapshot for all queries of the transaction, taken by the first.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var totals = await db.Taps.ToListAsync(cancellationToken);
        var kegs = await db.Kegs.Where(keg => keg.TapId != null).ToListAsync(cancellationToken);
        if (await ids() is not { } wanted)
        {
            return null;
        }

        var (stored, deleted) = (new List<Guid>(), new List<Guid>());
        foreach (var chunk in wanted.Chunk(IdsPerQuery))
        {
            var found = await db
                .Pours.IgnoreQueryFilters()
                .Where(pour => chunk.Contains(pour.Id))
                .Select(pour => new { pour.Id, pour.DeletedAt })
                .ToListAsync(cancellationToken);
            stored.AddRange(found.Select(pour => pour.Id));
            deleted.AddRange(found.Where(pour => pour.DeletedAt is not null).Select(pour => pour.Id));
        }

        return new StoredBoard(totals, kegs, stored, deleted, withNewest ? await NewestAsync(cancellationToken) : []);
    }

    private async Task<IReadOnlyList<Pour>> NewestAsync(CancellationToken cancellationToken) =>
        await db
            .Taps.SelectMany(tap => db.Pours.Where(pour => pour.TapId == tap.Id).OrderByDescending(pour => pour.Seq).Take(TapRecord.MixSize))
            .Select(pour => new Pour(pour.Id, pour.TapId, pour.VolumeMl, pour.PouredAt, pour.ReceivedAt, pour.TraceId))
            .ToListAsync(cancellationToken);
}
