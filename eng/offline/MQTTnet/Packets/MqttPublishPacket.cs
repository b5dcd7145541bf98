using System.Buffers;
using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>PUBLISH. A number of 0 and a null mean that the property is absent.</summary>
public sealed class MqttPublishPacket : MqttPacketWithIdentifier
{
    public string? ContentType { get; set; }

    public byte[]? CorrelationData { get; set; }

    public bool Dup { get; set; }

    /// <summary>Seconds.</summary>
    public uint MessageExpiryInterval { get; set; }

    public ReadOnlySequence<byte> Payload { get; set; }

    public MqttPayloadFormatIndicator PayloadFormatIndicator { get; set; }

    /// <summary>Sets <see cref="Payload"/> from one piece of memory.</summary>
    public ArraySegment<byte> PayloadSegment
    {
        set => Payload = new ReadOnlySequence<byte>(value);
    }

    public MqttQualityOfServiceLevel QualityOfServiceLevel { get; set; }

    public string? ResponseTopic { get; set; }

    public bool Retain { get; set; }

    public List<uint>? SubscriptionIdentifiers { get; set; }

    public string Topic { get; set; } = "";

    public ushort TopicAlias { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public override string ToString() =>
        $"Publish: [Topic={Topic}] [PayloadLength={Payload.Length}] [QoSLevel={QualityOfServiceLevel}] [Dup={Dup}] [Retain={Retain}] [PacketIdentifier={PacketIdentifier}]";

    internal MqttPublishPacket Copy() => (MqttPublishPacket)MemberwiseClone();

    internal static MqttPublishPacket From(MqttApplicationMessage message) => new()
    {
        Topic = message.Topic ?? "",
        Payload = message.Payload,
        QualityOfServiceLevel = message.QualityOfServiceLevel,
        Retain = message.Retain,
        Dup = message.Dup,
        ContentType = message.ContentType,
        CorrelationData = message.CorrelationData,
        MessageExpiryInterval = message.MessageExpiryInterval,
        PayloadFormatIndicator = message.PayloadFormatIndicator,
        ResponseTopic = message.ResponseTopic,
        SubscriptionIdentifiers = message.SubscriptionIdentifiers,
        TopicAlias = message.TopicAlias,
        UserProperties = message.UserProperties,
    };

    internal MqttApplicationMessage ToMessage() => new()
    {
        Topic = Topic,
        Payload = Payload,
        QualityOfServiceLevel = QualityOfServiceLevel,
        Retain = Retain,
        Dup = Dup,
        ContentType = ContentType,
        CorrelationData = CorrelationData,
        MessageExpiryInterval = MessageExpiryInterval,
        PayloadFormatIndicator = PayloadFormatIndicator,
        ResponseTopic = ResponseTopic,
        SubscriptionIdentifiers = SubscriptionIdentifiers,
        TopicAlias = TopicAlias,
        UserProperties = UserProperties,
    };
}
