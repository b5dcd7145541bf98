using System.Diagnostics.Metrics;

namespace Tap.Simulator.Transports;

/// <summary>What the simulated taps that speak MQTT count, all together.</summary>
internal sealed class PublishMetrics
{
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _duration;

    public PublishMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Tap.Simulator");
        _sent = meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Pours that were acknowledged.");
        _duration = meter.CreateHistogram<double>("messaging.client.operation.duration", "s", "From sending a pour to its PUBACK.");
    }

    /// <summary>A pour was acknowledged.</summary>
    /// <param name="elapsed">Since it was sent.</param>
    public void Acknowledged(TimeSpan elapsed)
    {
        KeyValuePair<string, object?> system = new("messaging.system", "mqtt");
        KeyValuePair<string, object?> operation = new("messaging.operation.name", "publish");
        KeyValuePair<string, object?> destination = new("messaging.destination.template", PublishTelemetry.Template);
        _sent.Add(1, system, operation, destination);
        _duration.Record(elapsed.TotalSeconds, system, operation, destination);
    }
}
