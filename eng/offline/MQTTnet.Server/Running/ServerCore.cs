using System.Buffers;
using System.Collections;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Running;

/// <summary>What a publisher is answered.</summary>
internal readonly record struct DispatchResult(MqttPubAckReasonCode ReasonCode, string? ReasonString, List<MqttUserProperty>? UserProperties, bool CloseConnection);

/// <summary>What the parts of one server share, and the way of a message through it.</summary>
internal sealed class ServerCore
{
    /// <summary>Topic filters one session may hold.</summary>
    public const int MaximumSubscriptions = 10_000;

    public ServerCore(MqttServerOptions options, IMqttNetLogger logger)
    {
        Options = options;
        Log = new SourceLog(logger, nameof(MqttServer));
        Retained = new RetainedMessages(Events);
        Sessions = new Sessions(this);
    }

    public MqttServerOptions Options { get; }

    public SourceLog Log { get; }

    public ServerEvents Events { get; } = new();

    public SubscriptionTree Subscriptions { get; } = new();

    public RetainedMessages Retained { get; }

    public Sessions Sessions { get; }

    /// <summary>Calls handlers whose failure is no business of the connection.</summary>
    public async Task TryInvokeAsync<T>(AsyncEvent<T> handlers, T args)
    {
        try
        {
            await handlers.InvokeAsync(args).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.Error(exception, "A handler for {0} failed.", typeof(T).Name);
        }
    }

    /// <summary>Shows a message to the host, then stores and delivers it. The answer is for the publisher.</summary>
    public ValueTask<DispatchResult> DispatchAsync(string senderId, string? userName, IDictionary items, MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        if (!Events.InterceptingPublish.HasHandlers)
        {
            return DeliverAsync(senderId, message, default);
        }

        var args = new InterceptingPublishEventArgs(message, senderId, userName, items, cancellationToken);
        if (message.Topic.Length == 0)
        {
            // A topic alias that was never set.
            args.Response.ReasonCode = MqttPubAckReasonCode.TopicNameInvalid;
            args.ProcessPublish = false;
        }

        var handling = Events.InterceptingPublish.InvokeAsync(args);
        return handling.IsCompletedSuccessfully ? AfterHandlers(args) : AwaitHandlersAsync(handling, args);
    }

    private async ValueTask<DispatchResult> AwaitHandlersAsync(Task handling, InterceptingPublishEventArgs args)
    {
        await handling.ConfigureAwait(false);
        return await AfterHandlers(args).ConfigureAwait(false);
    }

    private ValueTask<DispatchResult> AfterHandlers(InterceptingPublishEventArgs args)
    {
        var result = new DispatchResult(args.Response.ReasonCode, args.Response.ReasonString, args.Response.UserProperties, args.CloseConnection);
        return args.ProcessPublish && args.ApplicationMessage is not null ? DeliverAsync(args.ClientId, args.ApplicationMessage, result) : ValueTask.FromResult(result);
    }

    private async ValueTask<DispatchResult> DeliverAsync(string senderId, MqttApplicationMessage message, DispatchResult result)
    {
        if (message.Retain)
        {
            await Retained.SetAsync(senderId, message).ConfigureAwait(false);
        }

        var receivers = 0;
        foreach (var match in Subscriptions.Match(message.Topic, senderId) ?? [])
        {
            if (Events.InterceptingClientEnqueue.HasHandlers)
            {
                var args = new InterceptingClientApplicationMessageEnqueueEventArgs(senderId, match.Session.Id, message);
                await Events.InterceptingClientEnqueue.InvokeAsync(args).ConfigureAwait(false);
                if (!args.AcceptEnqueue)
                {
                    continue;
                }
            }

            receivers++;
            var packet = MqttPublishPacket.From(message);
            packet.Dup = false;
            packet.TopicAlias = 0;
            packet.QualityOfServiceLevel = (MqttQualityOfServiceLevel)Math.Min((int)message.QualityOfServiceLevel, (int)match.GrantedQos);
            packet.Retain = match.RetainAsPublished && message.Retain;
            packet.SubscriptionIdentifiers = match.Identifiers;
            await EnqueueAsync(senderId, match.Session, packet, message).ConfigureAwait(false);
        }

        if (receivers > 0)
        {
            return result;
        }

        if (Events.ApplicationMessageNotConsumed.HasHandlers)
        {
            await Events.ApplicationMessageNotConsumed.InvokeAsync(new ApplicationMessageNotConsumedEventArgs(message, senderId)).ConfigureAwait(false);
        }

        return result.ReasonCode == MqttPubAckReasonCode.Success ? result with { ReasonCode = MqttPubAckReasonCode.NoMatchingSubscribers } : result;
    }

    private async ValueTask EnqueueAsync(string senderId, Session session, MqttPublishPacket packet, MqttApplicationMessage message)
    {
        var outcome = session.Enqueue(packet, out var overwritten);
        if (overwritten is not null && Events.QueuedApplicationMessageOverwritten.HasHandlers)
        {
            await Events.QueuedApplicationMessageOverwritten.InvokeAsync(new QueueMessageOverwrittenEventArgs(session.Id, overwritten)).ConfigureAwait(false);
        }

        if (Events.ApplicationMessageEnqueuedOrDropped.HasHandlers)
        {
            var args = new ApplicationMessageEnqueuedEventArgs(senderId, session.Id, message, outcome == EnqueueResult.Dropped);
            await Events.ApplicationMessageEnqueuedOrDropped.InvokeAsync(args).ConfigureAwait(false);
        }
    }

    /// <summary>A message whose payload belongs to the server, whatever the caller does with its own memory.</summary>
    public static MqttApplicationMessage Own(MqttApplicationMessage message)
    {
        var own = MqttPublishPacket.From(message).ToMessage();
        own.Payload = message.Payload.IsEmpty ? default : new ReadOnlySequence<byte>(message.Payload.ToArray());
        return own;
    }
}
