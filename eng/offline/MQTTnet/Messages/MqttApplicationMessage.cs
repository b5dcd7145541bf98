using System.Buffers;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>A message as publishers and subscribers see it. Numbers of 0 and nulls stand for absent MQTT 5.0 properties.</summary>
public sealed class MqttApplicationMessage
{
    public string? ContentType { get; set; }

    public byte[]? CorrelationData { get; set; }

    /// <summary>True when the sender may have sent this message before.</summary>
    public bool Dup { get; set; }

    /// <summary>Seconds that the message stays worth delivering.</summary>
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

    /// <summary>Identifiers of the subscriptions that the message matched.</summary>
    public List<uint>? SubscriptionIdentifiers { get; set; }

    public string Topic { get; set; } = null!;

    public ushort TopicAlias { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}
