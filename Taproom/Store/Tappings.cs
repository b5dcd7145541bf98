using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>What became of an attempt to put a keg on a tap.</summary>
public enum KegMove
{
    /// <summary>The keg is on the tap.</summary>
    Done,

    /// <summary>There is no such tap.</summary>
    NoTap,

    /// <summary>There is no such keg.</summary>
    NoKeg,

    /// <summary>The keg is on another tap.</summary>
    Elsewhere,
}

/// <summary>Puts kegs on taps and takes them off, and writes down when, so that a late pour counts for the keg that gave it.</summary>
/// <remarks>Locks are taken as <see cref="PourStore"/> takes them: the tap first, then kegs by id.</remarks>
public sealed class Tappings(TaproomDb db)
{
    private const string LockTap = "SELECT id AS \"Value\" FROM taps WHERE id = {0} FOR NO KEY UPDATE";

    private const string LockKegs = "SELECT id AS \"Value\" FROM kegs WHERE tap_id = {0} OR id = {1} ORDER BY id FOR NO KEY UPDATE";

    // Times of pours are cut to whole milliseconds, so this one is too: a pour right after the change must not seem older.
    private const string Now = "SELECT date_trunc('milliseconds', clock_timestamp()) AS \"Value\"";

    /// <summary>Puts a keg on a tap; the one that was on it is taken off.</summary>
    public async Task<KegMove> PutAsync(int tapId, Guid kegId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(tapId, kegId, cancellationToken) is not { } now)
        {
            return KegMove.NoTap;
        }

        var keg = await db.Kegs.Where(row => row.Id == kegId).Select(row => new { row.TapId }).SingleOrDefaultAsync(cancellationToken);
        if (keg is null || (keg.TapId is { } other && other != tapId))
        {
            return keg is null ? KegMove.NoKeg : KegMove.Elsewhere;
        }

        if (keg.TapId is null)
        {
            await EndAsync(tapId, now, cancellationToken);
            await db.Database.ExecuteSqlAsync(
                $"""
                UPDATE kegs SET tap_id = {tapId} WHERE id = {kegId};
                INSERT INTO tappings (tap_id, keg_id, tapped_at) VALUES ({tapId}, {kegId}, {now});
                """,
                cancellationToken
            );
        }

        await transaction.CommitAsync(cancellationToken);
        return KegMove.Done;
    }

    /// <summary>Takes the keg off a tap, in the caller's transaction where there is one.</summary>
    /// <returns>False when there is none on it.</returns>
    public async Task<bool> TakeOffAsync(int tapId, CancellationToken cancellationToken)
    {
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        var isOff = await LockAsync(tapId, kegId: default, cancellationToken) is { } now && await EndAsync(tapId, now, cancellationToken) > 0;
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return isOff;
    }

    private Task<int> EndAsync(int tapId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            WITH ended AS (UPDATE tappings SET untapped_at = {now} WHERE tap_id = {tapId} AND untapped_at IS NULL)
            UPDATE kegs SET tap_id = NULL WHERE tap_id = {tapId}
            """,
            cancellationToken
        );

    /// <returns>The time, once all is locked; null when there is no such tap.</returns>
    private async Task<DateTimeOffset?> LockAsync(int tapId, Guid kegId, CancellationToken cancellationToken)
    {
        var taps = await db.Database.SqlQueryRaw<int>(LockTap, tapId).ToListAsync(cancellationToken);
        await db.Database.SqlQueryRaw<Guid>(LockKegs, tapId, kegId).ToListAsync(cancellationToken);
        return taps.Count > 0 ? (await db.Database.SqlQueryRaw<DateTimeOffset>(Now).ToListAsync(cancellationToken)).Single() : null;
    }
}
