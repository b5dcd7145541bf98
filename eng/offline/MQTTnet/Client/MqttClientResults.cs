using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>What became of a publish.</summary>
public enum MqttClientPublishReasonCode
{
    Success = 0x00,
    NoMatchingSubscribers = 0x10,
    UnspecifiedError = 0x80,
    ImplementationSpecificError = 0x83,
    NotAuthorized = 0x87,
    TopicNameInvalid = 0x90,
    PacketIdentifierInUse = 0x91,
    QuotaExceeded = 0x97,
    PayloadFormatInvalid = 0x99,
}

/// <summary>What the server answered to a publish.</summary>
public sealed class MqttClientPublishResult(
    ushort? packetIdentifier, MqttClientPublishReasonCode reasonCode, string? reasonString, IReadOnlyCollection<MqttUserProperty> userProperties)
{
    /// <summary>True for Success and for NoMatchingSubscribers: the server has taken the message.</summary>
    public bool IsSuccess => ReasonCode is MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers;

    /// <summary>Null for QoS 0.</summary>
    public ushort? PacketIdentifier { get; } = packetIdentifier;

    public MqttClientPublishReasonCode ReasonCode { get; } = reasonCode;

    public string? ReasonString { get; } = reasonString;

    public IReadOnlyCollection<MqttUserProperty> UserProperties { get; } = userProperties;
}

/// <summary>What became of one topic filter of a subscribe.</summary>
public enum MqttClientSubscribeResultCode
{
    GrantedQoS0 = 0x00,
    GrantedQoS1 = 0x01,
    GrantedQoS2 = 0x02,
    UnspecifiedError = 0x80,
    ImplementationSpecificError = 0x83,
    NotAuthorized = 0x87,
    TopicFilterInvalid = 0x8F,
    PacketIdentifierInUse = 0x91,
    QuotaExceeded = 0x97,
    SharedSubscriptionsNotSupported = 0x9E,
    SubscriptionIdentifiersNotSupported = 0xA1,
    WildcardSubscriptionsNotSupported = 0xA2,
}

/// <summary>The answer for one topic filter.</summary>
public sealed class MqttClientSubscribeResultItem(MqttTopicFilter topicFilter, MqttClientSubscribeResultCode resultCode)
{
    public MqttClientSubscribeResultCode ResultCode { get; } = resultCode;

    public MqttTopicFilter TopicFilter { get; } = topicFilter ?? throw new ArgumentNullException(nameof(topicFilter));
}

/// <summary>What the server answered to a subscribe, filter by filter.</summary>
public sealed class MqttClientSubscribeResult(
    ushort packetIdentifier, IReadOnlyCollection<MqttClientSubscribeResultItem> items, string? reasonString, IReadOnlyCollection<MqttUserProperty> userProperties)
{
    public IReadOnlyCollection<MqttClientSubscribeResultItem> Items { get; } = items ?? throw new ArgumentNullException(nameof(items));

    public ushort PacketIdentifier { get; } = packetIdentifier;

    public string? ReasonString { get; } = reasonString;

    public IReadOnlyCollection<MqttUserProperty> UserProperties { get; } = userProperties;
}

/// <summary>What became of one topic filter of an unsubscribe.</summary>
public enum MqttClientUnsubscribeResultCode
{
    Success = 0x00,
    NoSubscriptionExisted = 0x11,
    UnspecifiedError = 0x80,
    ImplementationSpecificError = 0x83,
    NotAuthorized = 0x87,
    TopicFilterInvalid = 0x8F,
    PacketIdentifierInUse = 0x91,
}

/// <summary>The answer for one topic filter.</summary>
public sealed class MqttClientUnsubscribeResultItem(string topicFilter, MqttClientUnsubscribeResultCode resultCode)
{
    public MqttClientUnsubscribeResultCode ResultCode { get; } = resultCode;

    public string TopicFilter { get; } = topicFilter ?? throw new ArgumentNullException(nameof(topicFilter));
}

/// <summary>What the server answered to an unsubscribe, filter by filter.</summary>
public sealed class MqttClientUnsubscribeResult(
    ushort packetIdentifier, IReadOnlyCollection<MqttClientUnsubscribeResultItem> items, string? reasonString, IReadOnlyCollection<MqttUserProperty> userProperties)
{
    public IReadOnlyCollection<MqttClientUnsubscribeResultItem> Items { get; } = items ?? throw new ArgumentNullException(nameof(items));

    public ushort PacketIdentifier { get; } = packetIdentifier;

    public string? ReasonString { get; } = reasonString;

    public IReadOnlyCollection<MqttUserProperty> UserProperties { get; } = userProperties;
}
