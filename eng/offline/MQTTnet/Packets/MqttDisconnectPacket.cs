using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>DISCONNECT; everything but its existence is MQTT 5.0.</summary>
public sealed class MqttDisconnectPacket : MqttPacket
{
    public MqttDisconnectReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public string? ServerReference { get; set; }

    /// <summary>Seconds; 0 when absent.</summary>
    public uint SessionExpiryInterval { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    // An absent interval keeps that of CONNECT, an explicit zero ends the session.
    internal bool HasSessionExpiryInterval { get; set; }

    public override string ToString() => $"Disconnect: [ReasonCode={ReasonCode}]";
}

/// <summary>AUTH (MQTT 5.0).</summary>
public sealed class MqttAuthPacket : MqttPacket
{
    public byte[]? AuthenticationData { get; set; }

    public string? AuthenticationMethod { get; set; }

    public MqttAuthenticateReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"Auth: [ReasonCode={ReasonCode}]";
}
