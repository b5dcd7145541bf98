namespace MQTTnet.Server;

/// <content>The events. Handlers are awaited one after the other.</content>
public partial class MqttServer
{
    /// <summary>A message was queued for a subscriber or dropped.</summary>
    public event Func<ApplicationMessageEnqueuedEventArgs, Task> ApplicationMessageEnqueuedOrDroppedAsync
    {
        add => _core.Events.ApplicationMessageEnqueuedOrDropped.Add(value);
        remove => _core.Events.ApplicationMessageEnqueuedOrDropped.Remove(value);
    }

    /// <summary>Nobody had subscribed to a message.</summary>
    public event Func<ApplicationMessageNotConsumedEventArgs, Task> ApplicationMessageNotConsumedAsync
    {
        add => _core.Events.ApplicationMessageNotConsumed.Add(value);
        remove => _core.Events.ApplicationMessageNotConsumed.Remove(value);
    }

    /// <summary>A client acknowledged a message.</summary>
    public event Func<ClientAcknowledgedPublishPacketEventArgs, Task> ClientAcknowledgedPublishPacketAsync
    {
        add => _core.Events.ClientAcknowledgedPublishPacket.Add(value);
        remove => _core.Events.ClientAcknowledgedPublishPacket.Remove(value);
    }

    /// <summary>A client is connected; its CONNACK was sent, its packets wait for the handlers.</summary>
    public event Func<ClientConnectedEventArgs, Task> ClientConnectedAsync
    {
        add => _core.Events.ClientConnected.Add(value);
        remove => _core.Events.ClientConnected.Remove(value);
    }

    /// <summary>A client is gone; its will was sent.</summary>
    public event Func<ClientDisconnectedEventArgs, Task> ClientDisconnectedAsync
    {
        add => _core.Events.ClientDisconnected.Add(value);
        remove => _core.Events.ClientDisconnected.Remove(value);
    }

    /// <summary>A client has subscribed.</summary>
    public event Func<ClientSubscribedTopicEventArgs, Task> ClientSubscribedTopicAsync
    {
        add => _core.Events.ClientSubscribedTopic.Add(value);
        remove => _core.Events.ClientSubscribedTopic.Remove(value);
    }

    /// <summary>A client has unsubscribed.</summary>
    public event Func<ClientUnsubscribedTopicEventArgs, Task> ClientUnsubscribedTopicAsync
    {
        add => _core.Events.ClientUnsubscribedTopic.Add(value);
        remove => _core.Events.ClientUnsubscribedTopic.Remove(value);
    }

    /// <summary>A message is about to be queued for a subscriber.</summary>
    public event Func<InterceptingClientApplicationMessageEnqueueEventArgs, Task> InterceptingClientEnqueueAsync
    {
        add => _core.Events.InterceptingClientEnqueue.Add(value);
        remove => _core.Events.InterceptingClientEnqueue.Remove(value);
    }

    /// <summary>A packet came in.</summary>
    public event Func<InterceptingPacketEventArgs, Task> InterceptingInboundPacketAsync
    {
        add => _core.Events.InterceptingInboundPacket.Add(value);
        remove => _core.Events.InterceptingInboundPacket.Remove(value);
    }

    /// <summary>A packet goes out.</summary>
    public event Func<InterceptingPacketEventArgs, Task> InterceptingOutboundPacketAsync
    {
        add => _core.Events.InterceptingOutboundPacket.Add(value);
        remove => _core.Events.InterceptingOutboundPacket.Remove(value);
    }

    /// <summary>A message came in; it is acknowledged when the handlers are done. A handler that throws ends the connection without an acknowledgement.</summary>
    public event Func<InterceptingPublishEventArgs, Task> InterceptingPublishAsync
    {
        add => _core.Events.InterceptingPublish.Add(value);
        remove => _core.Events.InterceptingPublish.Remove(value);
    }

    /// <summary>A client subscribes.</summary>
    public event Func<InterceptingSubscriptionEventArgs, Task> InterceptingSubscriptionAsync
    {
        add => _core.Events.InterceptingSubscription.Add(value);
        remove => _core.Events.InterceptingSubscription.Remove(value);
    }

    /// <summary>A client unsubscribes.</summary>
    public event Func<InterceptingUnsubscriptionEventArgs, Task> InterceptingUnsubscriptionAsync
    {
        add => _core.Events.InterceptingUnsubscription.Add(value);
        remove => _core.Events.InterceptingUnsubscription.Remove(value);
    }

    /// <summary>The server starts and asks for retained messages.</summary>
    public event Func<LoadingRetainedMessagesEventArgs, Task> LoadingRetainedMessageAsync
    {
        add => _core.Events.LoadingRetainedMessage.Add(value);
        remove => _core.Events.LoadingRetainedMessage.Remove(value);
    }

    /// <summary>A session begins.</summary>
    public event Func<EventArgs, Task> PreparingSessionAsync
    {
        add => _core.Events.PreparingSession.Add(value);
        remove => _core.Events.PreparingSession.Remove(value);
    }

    /// <summary>A waiting message was dropped for a newer one.</summary>
    public event Func<QueueMessageOverwrittenEventArgs, Task> QueuedApplicationMessageOverwrittenAsync
    {
        add => _core.Events.QueuedApplicationMessageOverwritten.Add(value);
        remove => _core.Events.QueuedApplicationMessageOverwritten.Remove(value);
    }

    /// <summary>A retained message was set or removed.</summary>
    public event Func<RetainedMessageChangedEventArgs, Task> RetainedMessageChangedAsync
    {
        add => _core.Events.RetainedMessageChanged.Add(value);
        remove => _core.Events.RetainedMessageChanged.Remove(value);
    }

    /// <summary>All retained messages were removed.</summary>
    public event Func<EventArgs, Task> RetainedMessagesClearedAsync
    {
        add => _core.Events.RetainedMessagesCleared.Add(value);
        remove => _core.Events.RetainedMessagesCleared.Remove(value);
    }

    /// <summary>A session was deleted.</summary>
    public event Func<SessionDeletedEventArgs, Task> SessionDeletedAsync
    {
        add => _core.Events.SessionDeleted.Add(value);
        remove => _core.Events.SessionDeleted.Remove(value);
    }

    /// <summary>The listeners are open.</summary>
    public event Func<EventArgs, Task> StartedAsync
    {
        add => _core.Events.Started.Add(value);
        remove => _core.Events.Started.Remove(value);
    }

    /// <summary>The server has stopped.</summary>
    public event Func<EventArgs, Task> StoppedAsync
    {
        add => _core.Events.Stopped.Add(value);
        remove => _core.Events.Stopped.Remove(value);
    }

    /// <summary>A client asks to connect.</summary>
    public event Func<ValidatingConnectionEventArgs, Task> ValidatingConnectionAsync
    {
        add => _core.Events.ValidatingConnection.Add(value);
        remove => _core.Events.ValidatingConnection.Remove(value);
    }
}
