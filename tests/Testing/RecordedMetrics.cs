using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Testing;

/// <summary>Records what some instruments measure from now until it is disposed; tests that run at the same time add theirs.</summary>
public sealed class RecordedMetrics : IDisposable
{
    private readonly ConcurrentQueue<RecordedMetric> _measured = new();
    private readonly MeterListener _listener = new();

    /// <summary>Starts to record.</summary>
    /// <param name="names">Names of the instruments.</param>
    public RecordedMetrics(params string[] names)
    {
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (names.Contains(instrument.Name))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What was measured, in that order.</summary>
    public IReadOnlyList<RecordedMetric> Measured => [.. _measured];

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue(new RecordedMetric(instrument.Meter.Name, instrument.Name, instrument.Unit, value, tags.ToArray().ToDictionary()));
}

/// <summary>One measurement.</summary>
/// <param name="Meter">Name of the meter.</param>
/// <param name="Name">Name of the instrument.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Tags">Its attributes.</param>
public sealed record RecordedMetric(string Meter, string Name, string? Unit, double Value, IReadOnlyDictionary<string, object?> Tags);
