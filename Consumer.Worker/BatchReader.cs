using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Reads the entries of one stream in order, from the first that its group has not acknowledged.</summary>
internal sealed class BatchReader(ConsumerGroup group, StoreConsumerOptions options, IngestTelemetry telemetry, TimeProvider time)
{
    // Up to where it has read; null when the group is to be asked.
    private string? _position;

    /// <summary>The group that reads.</summary>
    public ConsumerGroup Group => group;

    /// <summary>Begins again with what was not acknowledged; only between two reads.</summary>
    public void BeginAgain() => _position = null;

    /// <summary>Reads the next batch, which is empty when there is none.</summary>
    /// <returns>Null when another worker holds the partition.</returns>
    public async Task<Batch?> ReadAsync()
    {
        var (startedAt, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        var after = _position ?? await group.PositionAsync();
        if (await group.ReadAsync(after, options.BatchSize) is not { } entries)
        {
            return null;
        }

        var batch = new Batch(after, entries, startedAt);
        // Where nothing was found, Redis may have been set back: a replica that took over begins with lower ids than those seen.
        _position = entries.Count > 0 ? batch.UpTo : null;
        if (entries.Count > 0)
        {
            telemetry.Received(group.Name, entries.Count, time.GetElapsedTime(timestamp));
        }

        return batch;
    }

    /// <summary>Returns when there is a new entry, or after a while.</summary>
    /// <param name="waiter">Waits for it.</param>
    /// <param name="read">The batch that was empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitAsync(StreamWaiter waiter, Batch read, CancellationToken cancellationToken) =>
        waiter.WaitAsync([group.Stream], [StreamId.Parse(read.UpTo)], cancellationToken);
}
