using System.Data;
using Dashboard.Web.Board;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Feed;

/// <summary>Reads what the board needs of Postgres.</summary>
internal sealed class StoredBoardQuery(TaproomDb db, TimeProvider time)
{
    private const int IdsPerQuery = 10_000;

    /// <summary>Reads all of it as of one and the same moment.</summary>
    /// <param name="listed">Messages and events that are not needed again.</param>
    /// <param name="ids">Gives the ids to look for, or null to give up; called after that moment.</param>
    /// <param name="withHistory">Whether to read what was received before too.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>Null when <paramref name="ids"/> gave up.</returns>
    public async Task<StoredBoard?> ReadAsync(
        IReadOnlyList<Guid> listed,
        Func<Task<IReadOnlyList<Guid>?>> ids,
        bool withHistory,
        CancellationToken cancellationToken
    )
    {
        // One snapshot for all queries of the transaction, taken by the first.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var totals = await db.Taps.ToListAsync(cancellationToken);
        var kegs = await db.Kegs.Where(keg => keg.TapId != null).ToListAsync(cancellationToken);
        var beverages = await db
            .Kegs.Where(keg => keg.TapId != null)
            .Join(db.Beverages, keg => keg.Beverage.ToLower(), row => row.NameKey, (keg, row) => new { keg.Id, Row = row })
            .ToDictionaryAsync(pair => pair.Id, pair => BeverageView.Of(pair.Row), cancellationToken);
        var entries = await NewestEntriesAsync(listed, cancellationToken);
        var alerts = await db
            .Alerts.Where(alert => alert.EndedAt == null)
            .OrderByDescending(alert => alert.BeganAt)
            .Take(AlertView.Most)
            .ToListAsync(cancellationToken);
        if (await ids() is not { } wanted)
        {
            return null;
        }

        var (stored, deleted, derivedMl) = (new List<Guid>(), new List<Guid>(), new Dictionary<Guid, decimal>());
        foreach (var chunk in wanted.Chunk(IdsPerQuery))
        {
            var pours = await db
                .Pours.IgnoreQueryFilters()
                .Where(pour => chunk.Contains(pour.Id))
                .Select(pour => new
                {
                    pour.Id,
                    pour.DeletedAt,
                    DerivedMl = pour.VolumeDerived ? pour.VolumeMl : (decimal?)null,
                })
                .ToListAsync(cancellationToken);
            stored.AddRange(pours.Select(pour => pour.Id));
            deleted.AddRange(pours.Where(pour => pour.DeletedAt is not null).Select(pour => pour.Id));
            foreach (var pour in pours.Where(pour => pour.DerivedMl is not null))
            {
                derivedMl[pour.Id] = pour.DerivedMl!.Value;
            }
        }

        stored.AddRange(await db.Messages.Where(message => listed.Contains(message.Id)).Select(message => message.Id).ToListAsync(cancellationToken));
        stored.AddRange(
            await db.Events.Where(activity => listed.Contains(activity.Id)).Select(activity => activity.Id).ToListAsync(cancellationToken)
        );
        var history = withHistory ? new History(await NewestAsync(cancellationToken), await CountsAsync(cancellationToken)) : null;
        return new StoredBoard(totals, kegs, stored, deleted, history, alerts.ConvertAll(AlertView.Of), entries)
        {
            DerivedMl = derivedMl,
            Beverages = beverages,
        };
    }

    /// <summary>Counts the pours of the last minutes.</summary>
    private async Task<IReadOnlyList<PourCount>> CountsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (since, minute) = (now - TapBoard.Window, now.AddMinutes(-1));
        var before = $"{await LastTransactionBeforeAsync(since, cancellationToken)}";
        return await db
            .Database.SqlQuery<PourCount>(
                $"""
                SELECT
                    tap_id AS "TapId",
                    date_bin(
                        CASE WHEN received_at > {minute} THEN INTERVAL '1 second' ELSE {TapRecord.ActivitySlot} END, received_at, TIMESTAMPTZ 'epoch'
                    ) AS "At",
                    count(*)::int AS "Pours"
                FROM pours
                WHERE tx > {before}::text::xid8 AND received_at > {since} AND deleted_at IS NULL
                GROUP BY 1, 2
                """
            )
            .ToListAsync(cancellationToken);
    }

    /// <summary>The last transaction whose pours were all stored before an instant, so that they need not be looked at.</summary>
    /// <remarks>
    /// No index has the times. The transactions have one, and are numbered about in the order of their times, so a few looks by halves find it.
    /// </remarks>
    private async Task<ulong> LastTransactionBeforeAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var pours = db.Pours.IgnoreQueryFilters().NewestFirst();
        var (before, last) = (0UL, await pours.Select(pour => pour.Tx).FirstOrDefaultAsync(cancellationToken));
        while (before < last)
        {
            var middle = last - (last - before) / 2;
            var newest = pours.Where(pour => pour.Tx <= middle).Select(pour => (DateTimeOffset?)pour.StoredAt);
            if (await newest.FirstOrDefaultAsync(cancellationToken) >= since)
            {
                last = middle - 1;
            }
            else
            {
                before = middle;
            }
        }

        return before;
    }

    // Lateral, so that the index of each tap gives its newest; a window over all pours, as a query of the mapper has it, reads them all.
    private async Task<IReadOnlyList<Pour>> NewestAsync(CancellationToken cancellationToken) =>
        await db
            .Pours.FromSql(
                $"""
                SELECT newest.*
                FROM taps
                CROSS JOIN LATERAL (
                    SELECT * FROM pours WHERE tap_id = taps.id AND deleted_at IS NULL ORDER BY tx DESC, seq DESC LIMIT {TapRecord.MixSize}
                ) AS newest
                """
            )
            .Select(pour => new Pour(pour.Id, pour.TapId, pour.VolumeMl, pour.PouredAt, pour.ReceivedAt, pour.TraceId)
            {
                ClockSuspect = pour.ClockSuspect,
            })
            .ToListAsync(cancellationToken);

    private async Task<IReadOnlyList<EntryView>> NewestEntriesAsync(IReadOnlyList<Guid> listed, CancellationToken cancellationToken)
    {
        var messages = await db
            .Messages.NewestFirst()
            .Take(LatestLists.Size)
            .Where(message => !listed.Contains(message.Id))
            .ToListAsync(cancellationToken);
        var events = await db
            .Events.OrderByDescending(activity => activity.CreatedAt)
            .ThenByDescending(activity => activity.Seq)
            .Take(LatestLists.Size)
            .Where(activity => !listed.Contains(activity.Id))
            .ToListAsync(cancellationToken);
        return [.. messages.Select(EntryView.Of), .. events.Select(EntryView.Of)];
    }
}
