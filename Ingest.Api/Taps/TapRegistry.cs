using Ingest.Api.Http;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;
using Taproom.Signals;
using Taproom.Store;
using Taproom.Taps;

namespace Ingest.Api.Taps;

/// <summary>Reads and changes the registry of taps. What the front doors need of it is copied to Redis after the commit.</summary>
internal sealed partial class TapRegistry(
    TaproomDb db,
    Tappings tappings,
    TapTokens tokens,
    TapCommands commands,
    TapPresence presence,
    TapChanges changes,
    TimeProvider time,
    ILogger<TapRegistry> logger
)
{
    /// <summary>The taps whose ids are higher, by id.</summary>
    public IQueryable<TapRow> After(int id) => WithKegs(db.Taps.Where(tap => tap.Id > id).OrderBy(tap => tap.Id));

    /// <summary>Shows taps, with who is connected.</summary>
    public async Task<IReadOnlyList<TapShape>> ShowAsync(IReadOnlyList<TapRow> rows)
    {
        var connected = await ConnectedAsync([.. rows.Select(row => row.Tap.Id)]);
        return [.. rows.Select(row => TapShape.Of(row.Tap, row.Keg, connected, time.GetUtcNow()))];
    }

    /// <summary>Finds a tap; null when there is none.</summary>
    public async Task<TapShape?> FindAsync(int id, CancellationToken cancellationToken) =>
        await WithKegs(db.Taps.Where(tap => tap.Id == id)).SingleOrDefaultAsync(cancellationToken) is { } row ? (await ShowAsync([row]))[0] : null;

    /// <summary>Whether a tap is registered; one that has only poured, or was removed, is not.</summary>
    public Task<bool> IsRegisteredAsync(int id, CancellationToken cancellationToken) =>
        db.Taps.AnyAsync(tap => tap.Id == id && tap.RegisteredAt != null, cancellationToken);

    /// <summary>Registers a tap, also one that is known by its pours.</summary>
    /// <returns>False when it is registered already.</returns>
    public async Task<bool> RegisterAsync(int id, string name, CancellationToken cancellationToken) =>
        await TellAsync(
            id,
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO taps AS t (id, name, registered_at) VALUES ({id}, {name}, now())
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, registered_at = excluded.registered_at WHERE t.registered_at IS NULL
                """,
                cancellationToken
            ) > 0
        );

    /// <summary>Renames a tap.</summary>
    /// <returns>False when there is no such tap.</returns>
    public async Task<bool> RenameAsync(int id, string name, CancellationToken cancellationToken) =>
        await TellAsync(id, await db.Database.ExecuteSqlAsync($"UPDATE taps SET name = {name} WHERE id = {id}", cancellationToken) > 0);

    /// <summary>Puts a keg on a tap, in place of the one before.</summary>
    public async Task<KegMove> PutKegAsync(KegChange change, CancellationToken cancellationToken)
    {
        var move = await tappings.PutAsync(change, cancellationToken);
        await TellAsync(change.TapId, move is KegMove.Done);
        return move;
    }

    /// <summary>Takes the keg off a tap.</summary>
    /// <param name="id">The tap.</param>
    /// <param name="isEmptied">Whether it is empty.</param>
    /// <param name="expects">As <see cref="KegChange.Expects"/>.</param>
    /// <param name="cancellationToken">Ends the wait and rolls back.</param>
    public async Task<KegMove> TakeKegOffAsync(int id, bool isEmptied, Func<Guid?, bool>? expects, CancellationToken cancellationToken)
    {
        var move = await tappings.TakeOffAsync(id, isEmptied, expects, cancellationToken);
        await TellAsync(id, move is KegMove.Done);
        return move;
    }

    /// <summary>Takes a tap out of the registry. What it has poured keeps its row; without pours nothing is left.</summary>
    /// <returns>False when it is not registered.</returns>
    public async Task<bool> RemoveAsync(int id, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var removed =
            await db.Database.ExecuteSqlAsync(
                $"UPDATE taps SET name = NULL, token_hash = NULL, previous_token_hash = NULL, registered_at = NULL WHERE id = {id} AND registered_at IS NOT NULL",
                cancellationToken
            ) > 0;
        if (removed)
        {
            await tappings.TakeOffAsync(id, cancellationToken);
            await db.Database.ExecuteSqlAsync($"DELETE FROM taps WHERE id = {id} AND first_seen IS NULL", cancellationToken);
        }

        // Whoever is registered with this number next has nothing to do with what was meant for this tap. Before the commit, so that
        // nothing is done while Redis is away, and after it, for a command that came meanwhile.
        await commands.RemoveAllAsync(id);
        await transaction.CommitAsync(cancellationToken);
        await tokens.SetAsync(id, kept: null);
        await commands.RemoveAllAsync(id);
        await presence.ForgetAsync(id);
        return await TellAsync(id, removed);
    }

    /// <summary>Gives a registered tap a new token. The one before stays valid for a time, the one before that ends.</summary>
    /// <param name="id">The tap.</param>
    /// <param name="grace">How long the token before stays valid.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The token, which cannot be read again; null when the tap is not registered.</returns>
    public async Task<string?> RenewTokenAsync(int id, TimeSpan grace, CancellationToken cancellationToken)
    {
        var token = TapTokens.Create(id);
        var until = grace > TimeSpan.Zero ? time.GetUtcNow() + grace : (DateTimeOffset?)null;
        var changed = await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE taps SET
                token_hash = {TapTokens.Hash(token)},
                previous_token_hash = CASE WHEN {until}::timestamptz IS NOT NULL THEN token_hash END,
                previous_token_until = {until}
            WHERE id = {id} AND registered_at IS NOT NULL
            """,
            cancellationToken
        );
        if (changed == 0)
        {
            return null;
        }

        // Read again, because another replica may have been quicker.
        var kept = await db.Taps.Where(tap => tap.Id == id).KeptAsync(cancellationToken);
        await tokens.SetAsync(id, kept.GetValueOrDefault(id)?.ToBytes());
        return token;
    }

    /// <summary>Tells who wants to know that a tap is changed, if it is.</summary>
    /// <returns>Whether it is.</returns>
    private async Task<bool> TellAsync(int id, bool isChanged)
    {
        if (isChanged)
        {
            await changes.PublishAsync(id);
        }

        return isChanged;
    }

    private IQueryable<TapRow> WithKegs(IQueryable<TapTotals> taps) =>
        taps.GroupJoin(db.Kegs, tap => tap.Id, keg => keg.TapId, (tap, kegs) => new { tap, kegs })
            .SelectMany(row => row.kegs.DefaultIfEmpty(), (row, keg) => new TapRow(row.tap, keg));

    private async Task<IReadOnlyDictionary<int, bool>> ConnectedAsync(IReadOnlyList<int> ids)
    {
        try
        {
            return await presence.FindAsync(ids);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The registry can be read without Redis; the pours still tell who is there.
            LogNoPresence(ex.Message);
            return new Dictionary<int, bool>();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Which taps are connected is not known: {Message}")]
    private partial void LogNoPresence(string message);
}

/// <summary>A tap and the keg on it, or null.</summary>
internal sealed record TapRow(TapTotals Tap, Keg? Keg);
