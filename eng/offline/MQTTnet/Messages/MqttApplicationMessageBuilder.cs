using System.Buffers;
using System.Text;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>Builds a <see cref="MqttApplicationMessage"/>. Each call of <see cref="Build"/> makes a new message.</summary>
public sealed class MqttApplicationMessageBuilder
{
    private string? _contentType;
    private byte[]? _correlationData;
    private uint _messageExpiryInterval;
    private ReadOnlySequence<byte> _payload;
    private MqttPayloadFormatIndicator _payloadFormatIndicator;
    private MqttQualityOfServiceLevel _qualityOfServiceLevel;
    private string? _responseTopic;
    private bool _retain;
    private List<uint>? _subscriptionIdentifiers;
    private string? _topic;
    private ushort _topicAlias;
    private List<MqttUserProperty>? _userProperties;

    /// <summary>Makes the message; throws <see cref="MqttProtocolViolationException"/> when it has neither topic nor alias.</summary>
    public MqttApplicationMessage Build()
    {
        if (_topicAlias == 0 && string.IsNullOrEmpty(_topic))
        {
            throw new MqttProtocolViolationException("A message needs a topic or a topic alias.");
        }

        return new MqttApplicationMessage
        {
            Topic = _topic!,
            Payload = _payload,
            QualityOfServiceLevel = _qualityOfServiceLevel,
            Retain = _retain,
            ContentType = _contentType,
            ResponseTopic = _responseTopic,
            CorrelationData = _correlationData,
            TopicAlias = _topicAlias,
            SubscriptionIdentifiers = _subscriptionIdentifiers,
            MessageExpiryInterval = _messageExpiryInterval,
            PayloadFormatIndicator = _payloadFormatIndicator,
            UserProperties = _userProperties,
        };
    }

    public MqttApplicationMessageBuilder WithContentType(string? contentType)
    {
        _contentType = contentType;
        return this;
    }

    public MqttApplicationMessageBuilder WithCorrelationData(byte[]? correlationData)
    {
        _correlationData = correlationData;
        return this;
    }

    /// <summary>Sets the life time of the message in seconds.</summary>
    public MqttApplicationMessageBuilder WithMessageExpiryInterval(uint messageExpiryInterval)
    {
        _messageExpiryInterval = messageExpiryInterval;
        return this;
    }

    public MqttApplicationMessageBuilder WithPayload(byte[]? payload)
    {
        _payload = payload is null ? default : new ReadOnlySequence<byte>(payload);
        return this;
    }

    public MqttApplicationMessageBuilder WithPayload(IEnumerable<byte>? payload) => WithPayload(payload as byte[] ?? payload?.ToArray());

    public MqttApplicationMessageBuilder WithPayload(ReadOnlySequence<byte> payload)
    {
        _payload = payload;
        return this;
    }

    public MqttApplicationMessageBuilder WithPayload(string? payload) => WithPayload(string.IsNullOrEmpty(payload) ? null : Encoding.UTF8.GetBytes(payload));

    public MqttApplicationMessageBuilder WithPayload(Stream? payload) =>
        payload is null ? WithPayload(default(byte[])) : WithPayload(payload, payload.Length - payload.Position);

    /// <summary>Reads at most <paramref name="length"/> bytes of the stream.</summary>
    public MqttApplicationMessageBuilder WithPayload(Stream? payload, long length)
    {
        if (payload is null || length == 0)
        {
            return WithPayload(default(byte[]));
        }

        var bytes = new byte[length];
        var read = payload.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return WithPayloadSegment(new ArraySegment<byte>(bytes, 0, read));
    }

    public MqttApplicationMessageBuilder WithPayloadFormatIndicator(MqttPayloadFormatIndicator payloadFormatIndicator)
    {
        _payloadFormatIndicator = payloadFormatIndicator;
        return this;
    }

    public MqttApplicationMessageBuilder WithPayloadSegment(ArraySegment<byte> payloadSegment) => WithPayloadSegment((ReadOnlyMemory<byte>)payloadSegment);

    public MqttApplicationMessageBuilder WithPayloadSegment(ReadOnlyMemory<byte> payloadSegment) => WithPayload(new ReadOnlySequence<byte>(payloadSegment));

    public MqttApplicationMessageBuilder WithQualityOfServiceLevel(MqttQualityOfServiceLevel qualityOfServiceLevel)
    {
        _qualityOfServiceLevel = qualityOfServiceLevel;
        return this;
    }

    public MqttApplicationMessageBuilder WithResponseTopic(string? responseTopic)
    {
        _responseTopic = responseTopic;
        return this;
    }

    public MqttApplicationMessageBuilder WithRetainFlag(bool value = true)
    {
        _retain = value;
        return this;
    }

    public MqttApplicationMessageBuilder WithSubscriptionIdentifier(uint subscriptionIdentifier)
    {
        (_subscriptionIdentifiers ??= []).Add(subscriptionIdentifier);
        return this;
    }

    public MqttApplicationMessageBuilder WithTopic(string topic)
    {
        _topic = topic;
        return this;
    }

    public MqttApplicationMessageBuilder WithTopicAlias(ushort topicAlias)
    {
        _topicAlias = topicAlias;
        return this;
    }

    [Obsolete("Use the overload that takes the value as bytes.")]
    public MqttApplicationMessageBuilder WithUserProperty(string name, string value) => Add(new MqttUserProperty(name, value));

    public MqttApplicationMessageBuilder WithUserProperty(string name, ReadOnlyMemory<byte> value) => Add(new MqttUserProperty(name, value));

    public MqttApplicationMessageBuilder WithUserProperty(string name, ArraySegment<byte> value) => Add(new MqttUserProperty(name, value));

    private MqttApplicationMessageBuilder Add(MqttUserProperty property)
    {
        (_userProperties ??= []).Add(property);
        return this;
    }
}
