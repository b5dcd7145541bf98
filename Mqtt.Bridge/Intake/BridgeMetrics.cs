using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mqtt.Bridge.Intake;

/// <summary>What the bridge counts, on the way from a tap to the stream. No tap id is an attribute: there may be thousands.</summary>
internal sealed class BridgeMetrics
{
    private static readonly KeyValuePair<string, object?> System = new("messaging.system", "mqtt");
    private static readonly KeyValuePair<string, object?> Operation = new("messaging.operation.name", "process");

    private readonly Counter<long> _consumed;
    private readonly Histogram<double> _process;
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _held;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _throttled;
    private readonly Counter<long> _undeliverable;
    private readonly Counter<long> _lost;

    public BridgeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Mqtt.Bridge");
        _consumed = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Messages of taps that were answered.");
        _process = meter.CreateHistogram<double>("messaging.process.duration", "s", "From reading a message to its answer.");
        _connections = meter.CreateUpDownCounter<long>("taproom.mqtt.connections", "{connection}", "Clients that are connected.");
        _held = meter.CreateUpDownCounter<long>("taproom.mqtt.held", "{message}", "Messages that wait for Redis, unacknowledged.");
        _refused = meter.CreateCounter<long>("taproom.mqtt.connections.refused", "{connection}", "Connections that were refused.");
        _ended = meter.CreateCounter<long>("taproom.mqtt.connections.ended", "{connection}", "Connections that broke the protocol or a limit.");
        _throttled = meter.CreateCounter<long>("taproom.mqtt.throttled", "{message}", "Messages that came too fast.");
        _undeliverable = meter.CreateCounter<long>("taproom.mqtt.undeliverable", "{message}", "Messages larger than their client takes.");
        _lost = meter.CreateCounter<long>("taproom.mqtt.dead_letters.lost", "{message}", "Refused messages that were not set aside: Redis was away.");
    }

    /// <summary>A message was appended or set aside, and so may be acknowledged.</summary>
    /// <param name="template">Its topic template, or null when it has no route.</param>
    /// <param name="errorType">Why it was set aside, or null.</param>
    /// <param name="elapsed">Since it was read.</param>
    public void Answered(string? template, string? errorType, TimeSpan elapsed)
    {
        var tags = new TagList { System, Operation, new("messaging.destination.template", template ?? "unrouted") };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _consumed.Add(1, tags);
        _process.Record(elapsed.TotalSeconds, tags);
    }

    /// <summary>Messages begin to wait for Redis.</summary>
    public void Held(int count) => _held.Add(count);

    /// <summary>Held messages were appended, or given up with their connection.</summary>
    public void Released(int count) => _held.Add(-count);

    /// <summary>A client is connected.</summary>
    public void ClientConnected() => _connections.Add(1);

    /// <summary>A client is gone.</summary>
    public void ClientDisconnected() => _connections.Add(-1);

    /// <summary>A connection was refused.</summary>
    /// <param name="reason">A word for why.</param>
    public void ConnectionRefused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("error.type", reason));

    /// <summary>A connection was ended because of what its client sent.</summary>
    /// <param name="reason">A word for why.</param>
    public void ConnectionEnded(string reason) => _ended.Add(1, new KeyValuePair<string, object?>("error.type", reason));

    /// <summary>A message came faster than its tap may speak.</summary>
    public void Throttled() => _throttled.Add(1);

    /// <summary>A message is larger than the client takes for which it is.</summary>
    public void Undeliverable() => _undeliverable.Add(1);

    /// <summary>A refused message could not be set aside.</summary>
    public void Lost() => _lost.Add(1);
}
