using System.Collections;
using System.Net;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server;

/// <summary>What a publisher is answered.</summary>
public sealed class PublishResponse
{
    public MqttPubAckReasonCode ReasonCode { get; set; } = MqttPubAckReasonCode.Success;

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>A message came in. It is acknowledged when the handlers are done.</summary>
public sealed class InterceptingPublishEventArgs : EventArgs
{
    public InterceptingPublishEventArgs(MqttApplicationMessage applicationMessage, string clientId, string? userName, IDictionary sessionItems, CancellationToken cancellationToken)
    {
        ApplicationMessage = applicationMessage ?? throw new ArgumentNullException(nameof(applicationMessage));
        ClientId = clientId ?? throw new ArgumentNullException(nameof(clientId));
        UserName = userName;
        SessionItems = sessionItems ?? throw new ArgumentNullException(nameof(sessionItems));
        CancellationToken = cancellationToken;
    }

    /// <summary>What is passed on; null passes nothing on.</summary>
    public MqttApplicationMessage ApplicationMessage { get; set; }

    /// <summary>Ends with the sender's connection.</summary>
    public CancellationToken CancellationToken { get; }

    public string ClientId { get; }

    /// <summary>Close the sender's connection, without an acknowledgement.</summary>
    public bool CloseConnection { get; set; }

    /// <summary>Whether the message goes to the subscribers and the retained messages.</summary>
    public bool ProcessPublish { get; set; } = true;

    public PublishResponse Response { get; } = new();

    public IDictionary SessionItems { get; }

    public string? UserName { get; }
}

/// <summary>A message is about to be queued for a subscriber.</summary>
public sealed class InterceptingClientApplicationMessageEnqueueEventArgs : EventArgs
{
    internal InterceptingClientApplicationMessageEnqueueEventArgs(string senderClientId, string receiverClientId, MqttApplicationMessage applicationMessage)
    {
        SenderClientId = senderClientId;
        ReceiverClientId = receiverClientId;
        ApplicationMessage = applicationMessage;
    }

    public bool AcceptEnqueue { get; set; } = true;

    public MqttApplicationMessage ApplicationMessage { get; }

    /// <summary>Kept for source compatibility.</summary>
    public bool CloseSenderConnection { get; set; }

    public string ReceiverClientId { get; }

    public string SenderClientId { get; }
}

/// <summary>A message was queued for a subscriber, or dropped because the queue was full.</summary>
public sealed class ApplicationMessageEnqueuedEventArgs : EventArgs
{
    internal ApplicationMessageEnqueuedEventArgs(string senderClientId, string receiverClientId, MqttApplicationMessage applicationMessage, bool isDropped)
    {
        SenderClientId = senderClientId;
        ReceiverClientId = receiverClientId;
        ApplicationMessage = applicationMessage;
        IsDropped = isDropped;
    }

    public MqttApplicationMessage ApplicationMessage { get; }

    public bool IsDropped { get; }

    public string ReceiverClientId { get; }

    public string SenderClientId { get; }
}

/// <summary>Nobody had subscribed to a message.</summary>
public sealed class ApplicationMessageNotConsumedEventArgs : EventArgs
{
    internal ApplicationMessageNotConsumedEventArgs(MqttApplicationMessage applicationMessage, string senderId)
    {
        ApplicationMessage = applicationMessage;
        SenderId = senderId;
    }

    public MqttApplicationMessage ApplicationMessage { get; }

    public string SenderId { get; }
}

/// <summary>A client acknowledged a message: PUBACK, or PUBCOMP.</summary>
public sealed class ClientAcknowledgedPublishPacketEventArgs : EventArgs
{
    internal ClientAcknowledgedPublishPacketEventArgs(string clientId, string? userName, IDictionary sessionItems, MqttPublishPacket publishPacket, MqttPacketWithIdentifier acknowledgePacket)
    {
        ClientId = clientId;
        UserName = userName;
        SessionItems = sessionItems;
        PublishPacket = publishPacket;
        AcknowledgePacket = acknowledgePacket;
    }

    public MqttPacketWithIdentifier AcknowledgePacket { get; }

    public string ClientId { get; }

    public bool IsCompleted => true;

    public MqttPublishPacket PublishPacket { get; }

    public IDictionary SessionItems { get; }

    public string? UserName { get; }
}

/// <summary>A queued message was dropped for a newer one.</summary>
public sealed class QueueMessageOverwrittenEventArgs : EventArgs
{
    internal QueueMessageOverwrittenEventArgs(string receiverClientId, MqttPacket packet)
    {
        ReceiverClientId = receiverClientId;
        Packet = packet;
    }

    public MqttPacket Packet { get; }

    public string ReceiverClientId { get; }
}

/// <summary>A packet came in or goes out.</summary>
public sealed class InterceptingPacketEventArgs : EventArgs
{
    internal InterceptingPacketEventArgs(string clientId, string? userName, EndPoint? remoteEndPoint, MqttPacket packet, IDictionary sessionItems, CancellationToken cancellationToken)
    {
        ClientId = clientId;
        UserName = userName;
        RemoteEndPoint = remoteEndPoint!;
        Packet = packet;
        SessionItems = sessionItems;
        CancellationToken = cancellationToken;
    }

    public CancellationToken CancellationToken { get; }

    public string ClientId { get; }

    public MqttPacket Packet { get; set; }

    /// <summary>False drops the packet.</summary>
    public bool ProcessPacket { get; set; } = true;

    public EndPoint RemoteEndPoint { get; }

    public IDictionary SessionItems { get; }

    public string? UserName { get; }
}

/// <summary>A retained message was set or removed.</summary>
public sealed class RetainedMessageChangedEventArgs : EventArgs
{
    internal RetainedMessageChangedEventArgs(string clientId, MqttApplicationMessage changedRetainedMessage, List<MqttApplicationMessage> storedRetainedMessages)
    {
        ClientId = clientId;
        ChangedRetainedMessage = changedRetainedMessage;
        StoredRetainedMessages = storedRetainedMessages;
    }

    public MqttApplicationMessage ChangedRetainedMessage { get; }

    public string ClientId { get; }

    /// <summary>All that are stored after the change.</summary>
    public List<MqttApplicationMessage> StoredRetainedMessages { get; }
}

/// <summary>The server starts and asks for the retained messages of before.</summary>
public sealed class LoadingRetainedMessagesEventArgs : EventArgs
{
    public List<MqttApplicationMessage> LoadedRetainedMessages { get; set; } = [];
}
