using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>PUBACK: the answer to a QoS 1 publish.</summary>
public sealed class MqttPubAckPacket : MqttPacketWithIdentifier
{
    public MqttPubAckReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"PubAck: [PacketIdentifier={PacketIdentifier}] [ReasonCode={ReasonCode}]";
}

/// <summary>PUBREC: the first answer to a QoS 2 publish.</summary>
public sealed class MqttPubRecPacket : MqttPacketWithIdentifier
{
    public MqttPubRecReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"PubRec: [PacketIdentifier={PacketIdentifier}] [ReasonCode={ReasonCode}]";
}

/// <summary>PUBREL: releases a QoS 2 publish.</summary>
public sealed class MqttPubRelPacket : MqttPacketWithIdentifier
{
    public MqttPubRelReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"PubRel: [PacketIdentifier={PacketIdentifier}] [ReasonCode={ReasonCode}]";
}

/// <summary>PUBCOMP: ends a QoS 2 publish.</summary>
public sealed class MqttPubCompPacket : MqttPacketWithIdentifier
{
    public MqttPubCompReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"PubComp: [PacketIdentifier={PacketIdentifier}] [ReasonCode={ReasonCode}]";
}
