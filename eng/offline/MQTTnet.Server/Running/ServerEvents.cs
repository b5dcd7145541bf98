namespace MQTTnet.Server.Running;

/// <summary>The events of a server.</summary>
internal sealed class ServerEvents
{
    public AsyncEvent<ApplicationMessageEnqueuedEventArgs> ApplicationMessageEnqueuedOrDropped { get; } = new();
    public AsyncEvent<ApplicationMessageNotConsumedEventArgs> ApplicationMessageNotConsumed { get; } = new();
    public AsyncEvent<ClientAcknowledgedPublishPacketEventArgs> ClientAcknowledgedPublishPacket { get; } = new();
    public AsyncEvent<ClientConnectedEventArgs> ClientConnected { get; } = new();
    public AsyncEvent<ClientDisconnectedEventArgs> ClientDisconnected { get; } = new();
    public AsyncEvent<ClientSubscribedTopicEventArgs> ClientSubscribedTopic { get; } = new();
    public AsyncEvent<ClientUnsubscribedTopicEventArgs> ClientUnsubscribedTopic { get; } = new();
    public AsyncEvent<InterceptingClientApplicationMessageEnqueueEventArgs> InterceptingClientEnqueue { get; } = new();
    public AsyncEvent<InterceptingPacketEventArgs> InterceptingInboundPacket { get; } = new();
    public AsyncEvent<InterceptingPacketEventArgs> InterceptingOutboundPacket { get; } = new();
    public AsyncEvent<InterceptingPublishEventArgs> InterceptingPublish { get; } = new();
    public AsyncEvent<InterceptingSubscriptionEventArgs> InterceptingSubscription { get; } = new();
    public AsyncEvent<InterceptingUnsubscriptionEventArgs> InterceptingUnsubscription { get; } = new();
    public AsyncEvent<LoadingRetainedMessagesEventArgs> LoadingRetainedMessage { get; } = new();
    public AsyncEvent<EventArgs> PreparingSession { get; } = new();
    public AsyncEvent<QueueMessageOverwrittenEventArgs> QueuedApplicationMessageOverwritten { get; } = new();
    public AsyncEvent<RetainedMessageChangedEventArgs> RetainedMessageChanged { get; } = new();
    public AsyncEvent<EventArgs> RetainedMessagesCleared { get; } = new();
    public AsyncEvent<SessionDeletedEventArgs> SessionDeleted { get; } = new();
    public AsyncEvent<EventArgs> Started { get; } = new();
    public AsyncEvent<EventArgs> Stopped { get; } = new();
    public AsyncEvent<ValidatingConnectionEventArgs> ValidatingConnection { get; } = new();
}
