using MQTTnet.Formatter;

namespace Tap.Simulator.Mqtt;

/// <summary>A front door for MQTT, and how taps speak to it.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Version">Version of MQTT.</param>
/// <param name="Receipts">Whether a pour is owed until its receipt; else until its PUBACK.</param>
/// <param name="SlowLines">Whether a tap may stop reading.</param>
/// <param name="Metrics">Counts what is acknowledged.</param>
/// <param name="Time">The clock.</param>
internal sealed record MqttDoor(
    BridgeAddress Address,
    MqttProtocolVersion Version,
    bool Receipts,
    bool SlowLines,
    PublishMetrics Metrics,
    TimeProvider Time
);
