using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>CONNACK. A number of 0 and a null mean that the property is absent.</summary>
public sealed class MqttConnAckPacket : MqttPacket
{
    public string? AssignedClientIdentifier { get; set; }

    public byte[]? AuthenticationData { get; set; }

    public string? AuthenticationMethod { get; set; }

    public bool IsSessionPresent { get; set; }

    /// <summary>Bytes.</summary>
    public uint MaximumPacketSize { get; set; }

    public MqttQualityOfServiceLevel MaximumQoS { get; set; } = MqttQualityOfServiceLevel.ExactlyOnce;

    public MqttConnectReasonCode ReasonCode { get; set; }

    public string? ReasonString { get; set; }

    public ushort ReceiveMaximum { get; set; }

    public string? ResponseInformation { get; set; }

    public bool RetainAvailable { get; set; } = true;

    /// <summary>The 3.1.1 form of the outcome.</summary>
    public MqttConnectReturnCode ReturnCode { get; set; }

    /// <summary>Seconds.</summary>
    public ushort ServerKeepAlive { get; set; }

    public string? ServerReference { get; set; }

    /// <summary>Seconds.</summary>
    public uint SessionExpiryInterval { get; set; }

    public bool SharedSubscriptionAvailable { get; set; } = true;

    public bool SubscriptionIdentifiersAvailable { get; set; } = true;

    public ushort TopicAliasMaximum { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public bool WildcardSubscriptionAvailable { get; set; } = true;

    // Zero is a value here: the session ends with the connection although the client asked for more.
    internal bool HasSessionExpiryInterval { get; set; }

    public override string ToString() => $"ConnAck: [ReasonCode={ReasonCode}] [IsSessionPresent={IsSessionPresent}]";
}
