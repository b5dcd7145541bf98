using System.Diagnostics;
using Consumer.Worker.Kinds;
using Npgsql;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Store;

namespace Consumer.Worker;

/// <summary>Writes one batch of entries to Postgres, each kind by its own store, and what can never be stored to the dead letters.</summary>
internal sealed partial class BatchWriter(
    ConsumerGroup group,
    IEnumerable<IKindStore> kinds,
    Receipts receipts,
    StoreMetrics metrics,
    TimeProvider time,
    ILogger<BatchWriter> logger
)
{
    private readonly Dictionary<string, IKindStore> _kinds = kinds.ToDictionary(kind => kind.Kind);

    /// <summary>Stores the batch, publishes its receipts and acknowledges it.</summary>
    /// <param name="batch">Entries as delivered.</param>
    /// <param name="received">The span of the read, which the entries' spans are linked to.</param>
    /// <param name="cancellationToken">Ends the turn; nothing is acknowledged then.</param>
    /// <exception cref="NpgsqlException">Postgres cannot be reached, or cannot take the batch now.</exception>
    public async Task WriteAsync(IReadOnlyList<Delivery> batch, Activity? received, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        var timestamp = time.GetTimestamp();
        var stored = new List<Item>(batch.Count);
        foreach (var items in (await SetAsideUnreadableAsync(batch)).GroupBy(item => item.Entry.Kind))
        {
            stored.AddRange(await StoreAsync(_kinds[items.Key], [.. items], cancellationToken));
        }

        foreach (var item in stored)
        {
            using var activity = IngestTelemetry.StartProcess(item.Entry, group.Name, received, startedAt);
            activity?.SetTag("taproom.duplicate", !item.IsNew);
        }

        // A duplicate gets its receipt too: its sender comes again because it has missed the first.
        await Task.WhenAll(
            stored.GroupBy(item => item.Entry.Tap).Select(tap => receipts.PublishAsync(new Receipt(tap.Key, [.. tap.Select(item => item.Entry.Id)])))
        );
        await group.AcknowledgeAsync([.. stored.Select(item => item.Delivery.Position)]);
        metrics.BatchProcessed(time.GetElapsedTime(timestamp));
        LogStored(stored.Count);
    }

    private async Task<List<Item>> SetAsideUnreadableAsync(IReadOnlyList<Delivery> batch)
    {
        var readable = new List<Item>(batch.Count);
        foreach (var delivery in batch)
        {
            var (value, reason) = Read(delivery.Entry);
            if (value is not null)
            {
                readable.Add(new Item(delivery, value, IsNew: false));
            }
            else
            {
                await SetAsideAsync(delivery, reason!);
            }
        }

        return readable;
    }

    private (object? Value, string? Reason) Read(IngestEntry? entry) =>
        entry switch
        {
            null => (null, "A field that every entry has is missing or unreadable."),
            _ when _kinds.TryGetValue(entry.Kind, out var kind) => kind.Read(entry),
            _ => (null, $"Nothing stores entries of kind '{entry.Kind}'."),
        };

    private async Task<List<Item>> StoreAsync(IKindStore kind, List<Item> items, CancellationToken cancellationToken)
    {
        try
        {
            var added = await kind.StoreAsync([.. items.Select(item => item.Value)], cancellationToken);
            // Removed, not looked up: of two entries with one id in a batch, one is the duplicate.
            return [.. items.Select(item => item with { IsNew = added.Remove(item.Entry.Id) })];
        }
        catch (PostgresException ex) when (EntryStore.IsRefusal(ex))
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
                stored.AddRange(await StoreAsync(kind, [item], cancellationToken));
            }

            return stored;
        }
    }

    private async Task SetAsideAsync(Delivery delivery, string reason)
    {
        await group.SetAsideAsync(delivery, reason);
        LogSetAside(delivery.Position, reason);
    }

    private sealed record Item(Delivery Delivery, object Value, bool IsNew)
    {
        public IngestEntry Entry => Delivery.Entry!;
    }

    [LoggerMessage(LogLevel.Debug, "Stored {Count} entries.")]
    private partial void LogStored(int count);

    [LoggerMessage(LogLevel.Warning, "Entry {Position} is set aside: {Reason}")]
    private partial void LogSetAside(string position, string reason);
}
