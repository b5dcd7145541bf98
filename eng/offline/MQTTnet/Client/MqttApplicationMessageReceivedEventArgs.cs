using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>Reason codes for the acknowledgement of a received message (MQTT 5.0).</summary>
public enum MqttApplicationMessageReceivedReasonCode
{
    Success = 0x00,
    NoMatchingSubscribers = 0x10,
    UnspecifiedError = 0x80,
    ImplementationSpecificError = 0x83,
    NotAuthorized = 0x87,
    TopicNameInvalid = 0x90,
    PacketIdentifierInUse = 0x91,
    PacketIdentifierNotFound = 0x92,
    QuotaExceeded = 0x97,
    PayloadFormatInvalid = 0x99,
}

/// <summary>A received message, and the say in its acknowledgement.</summary>
public sealed class MqttApplicationMessageReceivedEventArgs : EventArgs
{
    private readonly Func<MqttApplicationMessageReceivedEventArgs, CancellationToken, Task> _acknowledge;
    private int _acknowledged;

    public MqttApplicationMessageReceivedEventArgs(
        string clientId, MqttApplicationMessage applicationMessage, MqttPublishPacket publishPacket, Func<MqttApplicationMessageReceivedEventArgs, CancellationToken, Task> acknowledgeHandler)
    {
        ClientId = clientId;
        ApplicationMessage = applicationMessage ?? throw new ArgumentNullException(nameof(applicationMessage));
        PublishPacket = publishPacket ?? throw new ArgumentNullException(nameof(publishPacket));
        _acknowledge = acknowledgeHandler;
    }

    public MqttApplicationMessage ApplicationMessage { get; }

    /// <summary>Whether the acknowledgement is sent when the handlers are done. Else <see cref="AcknowledgeAsync"/> is the handler's duty.</summary>
    public bool AutoAcknowledge { get; set; } = true;

    /// <summary>The receiving client.</summary>
    public string ClientId { get; }

    /// <summary>For the use of handlers among themselves.</summary>
    public bool IsHandled { get; set; }

    public ushort PacketIdentifier => PublishPacket.PacketIdentifier;

    /// <summary>When true no acknowledgement is sent at all.</summary>
    public bool ProcessingFailed { get; set; }

    public MqttApplicationMessageReceivedReasonCode ReasonCode { get; set; }

    public string? ResponseReasonString { get; set; }

    public List<MqttUserProperty> ResponseUserProperties { get; } = [];

    /// <summary>For the use of handlers.</summary>
    public object? Tag { get; set; }

    internal MqttPublishPacket PublishPacket { get; }

    /// <summary>Sends PUBACK or PUBREC; a second call is an <see cref="InvalidOperationException"/>.</summary>
    public Task AcknowledgeAsync(CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _acknowledged, 1) == 0
            ? _acknowledge(this, cancellationToken)
            : throw new InvalidOperationException("The message is already acknowledged.");
}
