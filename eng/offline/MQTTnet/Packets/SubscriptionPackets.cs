using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>SUBSCRIBE.</summary>
public sealed class MqttSubscribePacket : MqttPacketWithIdentifier
{
    /// <summary>1 to 268435455; 0 means none.</summary>
    public uint SubscriptionIdentifier { get; set; }

    public List<MqttTopicFilter> TopicFilters { get; set; } = [];

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"Subscribe: [PacketIdentifier={PacketIdentifier}] [TopicFilters={string.Join(',', TopicFilters.Select(f => f.Topic))}]";
}

/// <summary>SUBACK: one reason code for each topic filter, in the order of the SUBSCRIBE.</summary>
public sealed class MqttSubAckPacket : MqttPacketWithIdentifier
{
    public List<MqttSubscribeReasonCode> ReasonCodes { get; set; } = [];

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"SubAck: [PacketIdentifier={PacketIdentifier}] [ReasonCodes={string.Join(',', ReasonCodes)}]";
}

/// <summary>UNSUBSCRIBE.</summary>
public sealed class MqttUnsubscribePacket : MqttPacketWithIdentifier
{
    public List<string> TopicFilters { get; set; } = [];

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"Unsubscribe: [PacketIdentifier={PacketIdentifier}] [TopicFilters={string.Join(',', TopicFilters)}]";
}

/// <summary>UNSUBACK; the reason codes exist in MQTT 5.0 only.</summary>
public sealed class MqttUnsubAckPacket : MqttPacketWithIdentifier
{
    public List<MqttUnsubscribeReasonCode> ReasonCodes { get; set; } = [];

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() => $"UnsubAck: [PacketIdentifier={PacketIdentifier}] [ReasonCodes={string.Join(',', ReasonCodes)}]";
}
