using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Consumer.Worker;

/// <summary>What the worker counts, on the way from the stream to Postgres and to the archive.</summary>
internal sealed class StoreMetrics
{
    private readonly Counter<long> _stored;
    private readonly Counter<long> _duplicates;
    private readonly Histogram<double> _volume;
    private readonly Histogram<double> _endToEnd;
    private readonly Histogram<double> _process;
    private readonly ConcurrentDictionary<string, long> _lag = [];

    public StoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Consumer.Worker");
        _stored = meter.CreateCounter<long>("taproom.pours.stored", "{pour}", "Pours committed in Postgres, each counted once.");
        _duplicates = meter.CreateCounter<long>("taproom.pours.duplicates", "{pour}", "Pours that came again after they were stored.");
        _volume = meter.CreateHistogram<double>("taproom.pour.volume", "mL", "Volume of stored pours.");
        _endToEnd = meter.CreateHistogram<double>(
            "taproom.pour.end_to_end.duration",
            "s",
            "From the tap to the commit, or to the push to the live page."
        );
        _process = meter.CreateHistogram<double>("messaging.process.duration", "s", "Time to process a batch of entries.");
        meter.CreateObservableGauge(
            "taproom.stream.lag",
            () => _lag.Select(group => new Measurement<long>(group.Value, Group(group.Key))),
            "{message}",
            "Entries not acknowledged yet."
        );
    }

    /// <summary>A pour was committed.</summary>
    /// <param name="volumeMl">Its volume in mL.</param>
    /// <param name="age">From pouring, by the device's clock, to commit.</param>
    public void PourStored(decimal volumeMl, TimeSpan age)
    {
        _stored.Add(1);
        _volume.Record((double)volumeMl);
        // A device whose clock is ahead says nothing about how long its pour took.
        if (age >= TimeSpan.Zero)
        {
            _endToEnd.Record(age.TotalSeconds, new KeyValuePair<string, object?>("taproom.stage", "commit"));
        }
    }

    /// <summary>Pours came that had been stored before.</summary>
    public void DuplicatesSeen(int count) => _duplicates.Add(count);

    /// <summary>A consumer group processed a batch.</summary>
    public void BatchProcessed(string group, TimeSpan elapsed) =>
        _process.Record(
            elapsed.TotalSeconds,
            new("messaging.system", "redis"),
            new("messaging.operation.name", "process"),
            new("messaging.destination.name", "ingest"),
            Group(group)
        );

    /// <summary>The lag of a consumer group was read.</summary>
    public void LagRead(string group, long entries) => _lag[group] = entries;

    private static KeyValuePair<string, object?> Group(string name) => new("messaging.consumer.group.name", name);
}
