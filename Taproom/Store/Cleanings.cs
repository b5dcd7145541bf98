using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>Switches the cleaning mode of taps on and off. The statement that stores pours marks those of such a time.</summary>
/// <remarks>The tap is locked, as <see cref="PourStore"/> locks it, so no pour is stored between the mode and the proposals for those before it.</remarks>
public sealed class Cleanings(TaproomDb db)
{
    /// <summary>Switches it on, or changes when it ends.</summary>
    /// <remarks>Sales that are stored already are proposed to be cleaning, and stay sales until somebody accepts that.</remarks>
    /// <param name="tapId">The tap.</param>
    /// <param name="from">When it began; null for now, or for what was said when it was switched on.</param>
    /// <param name="until">When it ends by itself; null for never.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    /// <returns>It, and how many pours are proposed to be cleaning; null when there is no such tap.</returns>
    public async Task<(Cleaning Cleaning, int Proposed)?> BeginAsync(
        int tapId,
        DateTimeOffset? from,
        DateTimeOffset? until,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockTapAsync(tapId, cancellationToken) is not { } now)
        {
            return null;
        }

        var began = from ?? now;
        var cleaning = (
            await db
                .Cleanings.FromSql(
                    $"""
                    WITH changed AS (
                        UPDATE cleanings SET ends_at = {until}, began_at = least(began_at, {began})
                        WHERE id = (
                            SELECT id FROM cleanings WHERE tap_id = {tapId} AND began_at <= {now} AND (ends_at IS NULL OR ends_at > {now})
                            ORDER BY began_at DESC LIMIT 1
                        )
                        RETURNING *
                    ), added AS (
                        INSERT INTO cleanings (tap_id, began_at, ends_at)
                        SELECT {tapId}, {began}, {until} WHERE NOT EXISTS (SELECT FROM changed)
                        RETURNING *
                    )
                    SELECT * FROM changed UNION ALL SELECT * FROM added
                    """
                )
                .ToListAsync(cancellationToken)
        ).Single();
        var proposed = await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE pours SET proposed_purpose = 1, purpose_rule = 1
            WHERE tap_id = {tapId} AND poured_at >= {cleaning.BeganAt} AND ({cleaning.EndsAt}::timestamptz IS NULL OR poured_at < {cleaning.EndsAt})
                AND purpose = 0 AND purpose_rule IS NULL AND deleted_at IS NULL
            """,
            cancellationToken
        );
        await transaction.CommitAsync(cancellationToken);
        return (cleaning, proposed);
    }

    /// <summary>Switches it off.</summary>
    /// <returns>False when it is not on.</returns>
    public async Task<bool> EndAsync(int tapId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = await db.LockTapAsync(tapId, cancellationToken);
        var ended = await db.Database.ExecuteSqlAsync(
            $"UPDATE cleanings SET ends_at = {now} WHERE tap_id = {tapId} AND began_at <= {now} AND (ends_at IS NULL OR ends_at > {now})",
            cancellationToken
        );
        await transaction.CommitAsync(cancellationToken);
        return ended > 0;
    }

    /// <summary>The time for which the cleaning mode of a tap is on, or null.</summary>
    public Task<Cleaning?> FindAsync(int tapId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db
            .Cleanings.Where(row => row.TapId == tapId && row.BeganAt <= now && (row.EndsAt == null || row.EndsAt > now))
            .OrderByDescending(row => row.BeganAt)
            .FirstOrDefaultAsync(cancellationToken);
}
