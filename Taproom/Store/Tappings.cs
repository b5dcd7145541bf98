using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>What became of an attempt to change a keg, or to put one on a tap or take it off.</summary>
public enum KegMove
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such tap.</summary>
    NoTap,

    /// <summary>There is no such keg.</summary>
    NoKeg,

    /// <summary>The keg is on another tap.</summary>
    Elsewhere,

    /// <summary>Somebody else was quicker: it is not as the caller expects it.</summary>
    Changed,
}

/// <summary>A keg that is to be put on a tap.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="KegId">The keg.</param>
public sealed record KegChange(int TapId, Guid KegId)
{
    /// <summary>Makes the keg where it is a new one, which is stored with the change or not at all. Called once the tap is locked.</summary>
    public Func<Task<Keg>>? NewKeg { get; init; }

    /// <summary>Whether the keg that is on the tap now is empty.</summary>
    public bool IsEmptied { get; init; }

    /// <summary>Whether the caller expects this keg on the tap now, or none where it is null; whatever is on it when absent.</summary>
    public Func<Guid?, bool>? Expects { get; init; }
}

/// <summary>Puts kegs on taps and takes them off, and writes down when, so that a late pour counts for the keg that gave it.</summary>
/// <remarks>Locks are taken as <see cref="PourStore"/> takes them: the tap first, then kegs by id.</remarks>
public sealed class Tappings(TaproomDb db)
{
    private const string LockKegs = "SELECT id AS \"Value\" FROM kegs WHERE tap_id = {0} OR id = {1} ORDER BY id FOR NO KEY UPDATE";

    // Times of pours are cut to whole milliseconds, so this one is too: a pour right after the change must not seem older.
    private const string Now = "SELECT date_trunc('milliseconds', clock_timestamp()) AS \"Value\"";

    /// <summary>Puts a keg on a tap; the one that was on it is taken off. All of it is done or nothing.</summary>
    public async Task<KegMove> PutAsync(KegChange change, CancellationToken cancellationToken)
    {
        var (tapId, kegId) = change;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(tapId, kegId, cancellationToken) is not { } now)
        {
            return KegMove.NoTap;
        }

        if (!await IsExpectedAsync(tapId, change.Expects, cancellationToken))
        {
            return KegMove.Changed;
        }

        if (change.NewKeg is { } make)
        {
            db.Kegs.Add(await make());
            await db.SaveChangesAsync(cancellationToken);
        }

        var keg = await db.Kegs.Where(row => row.Id == kegId).Select(row => new { row.TapId }).SingleOrDefaultAsync(cancellationToken);
        if (keg is null || (keg.TapId is { } other && other != tapId))
        {
            return keg is null ? KegMove.NoKeg : KegMove.Elsewhere;
        }

        if (keg.TapId is null)
        {
            await EndAsync(tapId, now, change.IsEmptied, cancellationToken);
            await db.Database.ExecuteSqlAsync(
                $"""
                UPDATE kegs SET tap_id = {tapId}, tapped_at = coalesce(tapped_at, {now}), emptied_at = NULL, edition = edition + 1 WHERE id = {kegId};
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
    public async Task<bool> TakeOffAsync(int tapId, CancellationToken cancellationToken) =>
        await TakeOffAsync(tapId, isEmptied: false, expects: null, cancellationToken) is KegMove.Done;

    /// <summary>Takes the keg off a tap, in the caller's transaction where there is one.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="isEmptied">Whether it is empty.</param>
    /// <param name="expects">As <see cref="KegChange.Expects"/>.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    public async Task<KegMove> TakeOffAsync(int tapId, bool isEmptied, Func<Guid?, bool>? expects, CancellationToken cancellationToken)
    {
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        var move =
            await LockAsync(tapId, kegId: default, cancellationToken) is not { } now ? KegMove.NoTap
            : !await IsExpectedAsync(tapId, expects, cancellationToken) ? KegMove.Changed
            : await EndAsync(tapId, now, isEmptied, cancellationToken) > 0 ? KegMove.Done
            : KegMove.NoKeg;
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return move;
    }

    private async Task<bool> IsExpectedAsync(int tapId, Func<Guid?, bool>? expects, CancellationToken cancellationToken) =>
        expects is null
        || expects(await db.Kegs.Where(keg => keg.TapId == tapId).Select(keg => (Guid?)keg.Id).SingleOrDefaultAsync(cancellationToken));

    private Task<int> EndAsync(int tapId, DateTimeOffset now, bool isEmptied, CancellationToken cancellationToken)
    {
        var emptiedAt = isEmptied ? now : (DateTimeOffset?)null;
        return db.Database.ExecuteSqlAsync(
            $"""
            WITH ended AS (UPDATE tappings SET untapped_at = {now} WHERE tap_id = {tapId} AND untapped_at IS NULL)
            UPDATE kegs SET tap_id = NULL, emptied_at = {emptiedAt}, edition = edition + 1 WHERE tap_id = {tapId}
            """,
            cancellationToken
        );
    }

    /// <returns>The time, once all is locked; null when there is no such tap.</returns>
    private async Task<DateTimeOffset?> LockAsync(int tapId, Guid kegId, CancellationToken cancellationToken)
    {
        var tap = await db.LockTapAsync(tapId, cancellationToken);
        await db.Database.SqlQueryRaw<Guid>(LockKegs, tapId, kegId).ToListAsync(cancellationToken);
        return tap is not null ? (await db.Database.SqlQueryRaw<DateTimeOffset>(Now).ToListAsync(cancellationToken)).Single() : null;
    }
}
