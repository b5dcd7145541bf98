using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Push;

/// <summary>Finds what a listener of the hub has missed while it was not connected.</summary>
internal sealed class MissedPours(StreamTail tail, IServiceScopeFactory scopes)
{
    private const int Most = 10_000;
    private const int PageSize = 500;

    // Pours of other taps may be pushed after the last one although they were received a little before it.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    /// <summary>All pours received since a minute before one of them: those stored in the order of insertion, then those that wait to be.</summary>
    /// <param name="id">The id of that one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HubException">No pour has this id, there are more than 10,000 since, or a store does not answer.</exception>
    public async Task<IReadOnlyList<PourFrame>> SinceAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            // In this order: what is stored meanwhile is then found there.
            var waiting = await WaitingAsync();
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
            var receivedAt =
                await db
                    .Pours.IgnoreQueryFilters()
                    .Where(pour => pour.Id == id)
                    .Select(pour => (DateTimeOffset?)pour.ReceivedAt)
                    .FirstOrDefaultAsync(cancellationToken)
                ?? waiting.Find(pour => pour.Id == id)?.ReceivedAt
                ?? throw new HubException($"No pour has the id {id}.");
            var since = receivedAt - Overlap;
            waiting.RemoveAll(pour => pour.ReceivedAt < since);
            var stored = await StoredSinceAsync(db, since, cancellationToken);
            // Those that are stored and not acknowledged yet, or deleted since.
            var known = await db
                .Pours.IgnoreQueryFilters()
                .Where(pour => waiting.Select(frame => frame.Id).Contains(pour.Id))
                .Select(pour => pour.Id)
                .ToHashSetAsync(cancellationToken);
            return [.. stored, .. waiting.Where(pour => !known.Contains(pour.Id))];
        }
        catch (Exception ex)
            when (ex is RedisException or NpgsqlException or TimeoutException or InvalidOperationException { InnerException: NpgsqlException })
        {
            throw new HubException("Redis or Postgres does not answer now, so what was missed cannot be told yet.", ex);
        }
    }

    private async Task<List<PourFrame>> WaitingAsync()
    {
        var frames = new List<PourFrame>();
        foreach (var entry in await tail.WaitingAsync(Most))
        {
            if (PourEntry.TryRead(entry, out var pour, out _))
            {
                frames.Add(PourFrame.Of(pour, entry.TraceParent));
            }
        }

        return frames.Count <= Most ? frames : throw TooMany();
    }

    private static async Task<List<PourFrame>> StoredSinceAsync(TaproomDb db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var found = new List<StoredPour>();
        for (StoredPour? last = null; ; )
        {
            var older = db.Pours.NewestFirst();
            var page = await (
                last is { Tx: var tx, Seq: var seq }
                    ? older.Where(pour => EF.Functions.LessThan(ValueTuple.Create(pour.Tx, pour.Seq), ValueTuple.Create(tx, seq)))
                    : older
            )
                .Take(PageSize)
                .ToListAsync(cancellationToken);
            found.AddRange(page.Where(pour => pour.ReceivedAt >= since));
            if (found.Count > Most)
            {
                throw TooMany();
            }

            // Nothing is stored before it is received, so all before that was received earlier.
            last = page.LastOrDefault();
            if (page.Count < PageSize || last!.StoredAt < since - Overlap)
            {
                break;
            }
        }

        found.Reverse();
        return found.ConvertAll(PourFrame.Of);
    }

    private static HubException TooMany() => new($"There are more than {Most} pours since then: GET /api/beers has them.");
}
