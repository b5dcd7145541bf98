using System.Diagnostics;
using Npgsql;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Store;

namespace Taproom.Consumer;

/// <summary>Writes one batch of entries: pours to Postgres, what can never be stored to the dead letters.</summary>
internal sealed partial class BatchWriter(
    ConsumerGroup group,
    PourStore store,
    Receipts receipts,
    StoreMetrics metrics,
    TimeProvider time,
    ILogger<BatchWriter> logger)
{
    /// <summary>Stores the batch, publishes its receipts and acknowledges it.</summary>
    /// <param name="batch">Entries as delivered.</param>
    /// <param name="received">The span of the read, which the pours' spans are linked to.</param>
    /// <param name="cancellationToken">Ends the turn; nothing is acknowledged then.</param>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or cannot take the batch now.</exception>
    public async Task WriteAsync(IReadOnlyList<Delivery> batch, Activity? received, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        var timestamp = time.GetTimestamp();
        var readable = await SetAsideUnreadableAsync(batch);
        var stored = await StoreAsync(readable, cancellationToken);
        var committedAt = time.GetUtcNow();

        foreach (var item in stored)
        {
            using var activity = IngestTelemetry.StartProcess(item.Entry, group.Name, received, startedAt);
            activity?.SetTag("taproom.pour.duplicate", !item.IsNew);
            if (item.IsNew)
            {
                metrics.PourStored(item.Pour.VolumeMl, committedAt - item.Pour.PouredAt);
            }
            else
            {
                metrics.DuplicateSeen();
            }
        }

        // A duplicate gets its receipt too: its sender comes again because it has missed the first.
        await Task.WhenAll(stored
            .GroupBy(item => item.Entry.Tap)
            .Select(tap => receipts.PublishAsync(new Receipt(tap.Key, [.. tap.Select(item => item.Entry.Id)]))));
        await group.AcknowledgeAsync([.. stored.Select(item => item.Delivery.Position)]);
        metrics.BatchProcessed(time.GetElapsedTime(timestamp));
        LogStored(stored.Count);
    }

    private async Task<List<Item>> SetAsideUnreadableAsync(IReadOnlyList<Delivery> batch)
    {
        var readable = new List<Item>(batch.Count);
        foreach (var delivery in batch)
        {
            if (PourEntry.TryRead(delivery.Entry, out var pour, out var reason))
            {
                readable.Add(new Item(delivery, pour, IsNew: false));
            }
            else
            {
                await SetAsideAsync(delivery, reason);
            }
        }

        return readable;
    }

    private async Task<List<Item>> StoreAsync(List<Item> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return items;
        }

        try
        {
            var added = await store.StoreAsync([.. items.Select(item => item.Pour)], cancellationToken);
            // Removed, not looked up: of two entries with one id in a batch, one is the duplicate.
            return [.. items.Select(item => item with { IsNew = added.Remove(item.Pour.Id) })];
        }
        catch (PostgresException ex) when (PourStore.IsRefusal(ex))
        {
            if (items.Count == 1)
            {
                await SetAsideAsync(items[0].Delivery, $"The database refused it (SQLSTATE {ex.SqlState}).");
                return [];
            }

            // One entry spoils the batch: alone, each of the others goes through, and that one is found.
            var stored = new List<Item>(items.Count);
            foreach (var item in items)
            {
                stored.AddRange(await StoreAsync([item], cancellationToken));
            }

            return stored;
        }
    }

    private async Task SetAsideAsync(Delivery delivery, string reason)
    {
        await group.SetAsideAsync(delivery, reason);
        LogSetAside(delivery.Position, reason);
    }

    private sealed record Item(Delivery Delivery, Pour Pour, bool IsNew)
    {
        public IngestEntry Entry => Delivery.Entry!;
    }

    [LoggerMessage(LogLevel.Debug, "Stored {Count} pours.")]
    private partial void LogStored(int count);

    [LoggerMessage(LogLevel.Warning, "Entry {Position} is set aside: {Reason}")]
    private partial void LogSetAside(string position, string reason);
}
