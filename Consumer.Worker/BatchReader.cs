using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Entries that were read together.</summary>
/// <param name="Entries">Them, in order.</param>
/// <param name="ReadAt">When the read began.</param>
internal sealed record Batch(IReadOnlyList<Delivery> Entries, DateTimeOffset ReadAt);

/// <summary>Reads the entries of one stream in order: first those that were delivered before and not acknowledged, then new ones.</summary>
internal sealed class BatchReader(ConsumerGroup group, StoreConsumerOptions options, IngestTelemetry telemetry, TimeProvider time)
{
    private const string Oldest = "0-0";

    // Where to go on among those that were delivered before; null when there are none left.
    private string? _pendingFrom = Oldest;
    private StreamId? _newest;
    private long? _stuckSince;

    /// <summary>The group that reads.</summary>
    public ConsumerGroup Group => group;

    /// <summary>Begins again with what was not acknowledged; only between two reads.</summary>
    public void BeginAgain() => _pendingFrom = Oldest;

    /// <summary>Some entries could not be set aside; they are read again after a while.</summary>
    public void SomeAreStuck() => _stuckSince ??= time.GetTimestamp();

    /// <summary>Reads the next batch, which is empty when there is none.</summary>
    /// <returns>Null when another worker holds the partition.</returns>
    public async Task<Batch?> ReadAsync()
    {
        var (startedAt, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        if (_stuckSince is { } since && time.GetElapsedTime(since) >= options.MaxBackoff)
        {
            _stuckSince = null;
            BeginAgain();
        }

        IReadOnlyList<Delivery>? entries = [];
        while (entries is { Count: 0 } && _pendingFrom is { } from)
        {
            var claimed = await group.ClaimPendingAsync(from, options.BatchSize);
            entries = claimed?.Entries;
            _pendingFrom = claimed is { Next: var next } && next != Oldest ? next : null;
        }

        if (entries is { Count: 0 })
        {
            entries = await group.ReadNewAsync(options.BatchSize);
            _newest = entries is { Count: > 0 } ? StreamId.Parse(entries[^1].Position) : _newest;
        }

        if (entries is { Count: > 0 })
        {
            telemetry.Received(group.Name, entries.Count, time.GetElapsedTime(timestamp));
        }

        return entries is null ? null : new Batch(entries, startedAt);
    }

    /// <summary>Returns when there is a new entry, or after a while.</summary>
    public async Task WaitAsync(StreamWaiter waiter, CancellationToken cancellationToken)
    {
        _newest ??= await group.LastDeliveredAsync();
        await waiter.WaitAsync([group.Stream], [_newest.Value], cancellationToken);
    }
}
