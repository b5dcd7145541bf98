using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Running;

/// <summary>What a SUBSCRIBE or UNSUBSCRIBE led to.</summary>
internal sealed class SubscribeOutcome<TCode>
{
    public List<TCode> ReasonCodes { get; } = [];

    public string? ReasonString { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public bool CloseConnection { get; set; }

    /// <summary>Retained messages that follow the SUBACK.</summary>
    public List<MqttPublishPacket> Retained { get; } = [];
}

/// <summary>Subscribes and unsubscribes sessions, with the host's say.</summary>
internal static class Subscribing
{
    public static async Task<SubscribeOutcome<MqttSubscribeReasonCode>> SubscribeAsync(
        ServerCore core, Session session, IEnumerable<MqttTopicFilter> filters, uint identifier, List<MqttUserProperty>? userProperties, CancellationToken cancellationToken)
    {
        var outcome = new SubscribeOutcome<MqttSubscribeReasonCode>();
        var added = new List<MqttTopicFilter>();
        var status = new MqttSessionStatus(session, core);

        // As the real server has it: the codes of the answer come in this order, too, not in that of the request.
        foreach (var requested in filters.OrderByDescending(filter => filter.QualityOfServiceLevel))
        {
            var args = new InterceptingSubscriptionEventArgs(session.Id, session.UserName, status, requested, userProperties, cancellationToken);
            args.Response.ReasonCode = FirstAnswer(requested);
            if (args.Response.ReasonCode != MqttSubscribeReasonCode.SharedSubscriptionsNotSupported)
            {
                await core.Events.InterceptingSubscription.InvokeAsync(args).ConfigureAwait(false);
            }

            var filter = args.TopicFilter;
            var code = args.Response.ReasonCode;
            if (args.ProcessSubscription && code <= MqttSubscribeReasonCode.GrantedQoS2 && !string.IsNullOrEmpty(filter.Topic))
            {
                code = Add(core, session, filter, code, identifier, outcome.Retained);
                if (code <= MqttSubscribeReasonCode.GrantedQoS2)
                {
                    added.Add(filter);
                }
            }

            outcome.ReasonCodes.Add(code);
            outcome.ReasonString = args.ReasonString ?? outcome.ReasonString;
            outcome.UserProperties = ReferenceEquals(args.UserProperties, userProperties) ? outcome.UserProperties : args.UserProperties;
            outcome.CloseConnection |= args.CloseConnection;
        }

        foreach (var filter in added)
        {
            await core.Events.ClientSubscribedTopic.InvokeAsync(new ClientSubscribedTopicEventArgs(session.Id, session.UserName, filter, session.Items)).ConfigureAwait(false);
        }

        return outcome;
    }

    public static async Task<SubscribeOutcome<MqttUnsubscribeReasonCode>> UnsubscribeAsync(
        ServerCore core, Session session, IEnumerable<string> filters, List<MqttUserProperty>? userProperties, CancellationToken cancellationToken)
    {
        var outcome = new SubscribeOutcome<MqttUnsubscribeReasonCode>();
        foreach (var filter in filters)
        {
            var args = new InterceptingUnsubscriptionEventArgs(session.Id, session.UserName, session.Items, filter, userProperties, cancellationToken);
            args.Response.ReasonCode = session.IsSubscribed(filter) ? MqttUnsubscribeReasonCode.Success : MqttUnsubscribeReasonCode.NoSubscriptionExisted;
            await core.Events.InterceptingUnsubscription.InvokeAsync(args).ConfigureAwait(false);
            if (args.ProcessUnsubscription && args.Response.ReasonCode == MqttUnsubscribeReasonCode.Success && session.Unsubscribe(filter))
            {
                core.Subscriptions.Remove(session, filter);
            }

            outcome.ReasonCodes.Add(args.Response.ReasonCode);
            outcome.UserProperties = ReferenceEquals(args.UserProperties, userProperties) ? outcome.UserProperties : args.UserProperties;
            outcome.CloseConnection |= args.CloseConnection;
            await core.Events.ClientUnsubscribedTopic.InvokeAsync(new ClientUnsubscribedTopicEventArgs(session.Id, session.UserName, filter, session.Items)).ConfigureAwait(false);
        }

        return outcome;
    }

    private static MqttSubscribeReasonCode FirstAnswer(MqttTopicFilter filter)
    {
        if (filter.Topic.StartsWith("$share/", StringComparison.Ordinal))
        {
            return MqttSubscribeReasonCode.SharedSubscriptionsNotSupported;
        }

        return SubscriptionTree.IsTooDeep(filter.Topic) ? MqttSubscribeReasonCode.TopicFilterInvalid : (MqttSubscribeReasonCode)filter.QualityOfServiceLevel;
    }

    private static MqttSubscribeReasonCode Add(
        ServerCore core, Session session, MqttTopicFilter filter, MqttSubscribeReasonCode granted, uint identifier, List<MqttPublishPacket> retained)
    {
        var qos = (MqttQualityOfServiceLevel)granted;
        var subscription = new Subscription(filter.Topic, qos, filter.NoLocal, filter.RetainAsPublished, identifier);
        if (session.Subscribe(subscription, ServerCore.MaximumSubscriptions) is not { } isNew)
        {
            return MqttSubscribeReasonCode.QuotaExceeded;
        }

        core.Subscriptions.Set(session, subscription);
        if (filter.RetainHandling == MqttRetainHandling.DoNotSendOnSubscribe || (filter.RetainHandling == MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly && !isNew))
        {
            return granted;
        }

        // One copy for one SUBSCRIBE, however many of its filters cover the topic.
        foreach (var packet in core.Retained.Matching(filter.Topic).Where(packet => retained.TrueForAll(known => known.Topic != packet.Topic)))
        {
            packet.Retain = true;
            packet.Dup = false;
            packet.TopicAlias = 0;
            packet.QualityOfServiceLevel = (MqttQualityOfServiceLevel)Math.Min((int)packet.QualityOfServiceLevel, (int)qos);
            packet.SubscriptionIdentifiers = identifier == 0 ? null : [identifier];
            retained.Add(packet);
        }

        return granted;
    }
}
