using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>Answers what the MQTT server asks: who may connect and subscribe, and what becomes of a message.</summary>
internal sealed class ServerEvents(
    MqttServer server,
    TapConnectionHandler connections,
    Authorization authorization,
    RateLimit rate,
    MessageIntake intake,
    TapStatusUpdates status,
    TokenCheck tokens,
    NoticeListeners notices,
    ListenerAnnouncements announcements
)
{
    /// <summary>From now on the server asks here.</summary>
    public void Subscribe()
    {
        server.ValidatingConnectionAsync += AuthorizeAsync;
        server.InterceptingSubscriptionAsync += AuthorizeAsync;
        server.ClientUnsubscribedTopicAsync += UnsubscribedAsync;
        server.ClientConnectedAsync += connection => status.ConnectedAsync(connection.ClientId);
        server.InterceptingPublishAsync += TakeAsync;
        connections.Ended += EndedAsync;
        tokens.Removed += status.ForgetAsync;
    }

    private async Task AuthorizeAsync(ValidatingConnectionEventArgs connect)
    {
        var connection = (TapConnection)connect.ChannelAdapter;
        var client = new TapClient(TapClient.TapOf(connect.UserName), connect.ClientId, connection.RemoteAddress)
        {
            WantsSession = connection.WantsSession,
            IsVersion5 = connect.ProtocolVersion is MqttProtocolVersion.V500,
            MaxPacketSize = connect.MaximumPacketSize is > 0 and var most ? most : uint.MaxValue,
            DisconnectAsync = () => connection.EndAsync(MqttDisconnectReasonCode.NotAuthorized, "The token is not valid any more."),
        };
        connect.ReasonCode = await authorization.AuthorizeAsync(client, connect.UserName, connect.Password, connect.AuthenticationMethod);
        if (connect.ReasonCode is MqttConnectReasonCode.Success)
        {
            connection.Client = client;
            client.Own(connect.SessionItems);
        }
    }

    private async Task AuthorizeAsync(InterceptingSubscriptionEventArgs subscription)
    {
        if (TapClient.Of(subscription.SessionItems) is { } client)
        {
            subscription.Response.ReasonCode = Authorization.Subscribe(client, subscription.TopicFilter.Topic, subscription.Response.ReasonCode);
            subscription.ProcessSubscription = subscription.Response.ReasonCode <= MqttSubscribeReasonCode.GrantedQoS2;
            await notices.SubscribeAsync(client);
        }
    }

    private static Task UnsubscribedAsync(ClientUnsubscribedTopicEventArgs subscription)
    {
        if (TapClient.Of(subscription.SessionItems) is { } client)
        {
            client.Unsubscribe(subscription.TopicFilter);
            NoticeListeners.Unsubscribed(client);
        }

        return Task.CompletedTask;
    }

    private Task EndedAsync(TapClient client)
    {
        NoticeListeners.Ended(client);
        return status.EndedAsync(client);
    }

    /// <summary>Takes a message that is not for a <see cref="PublishPipeline"/>; when this returns it may be acknowledged.</summary>
    private async Task TakeAsync(InterceptingPublishEventArgs publish)
    {
        if (TapClient.Of(publish.SessionItems) is not { } client)
        {
            // Our own message, on its way to a tap.
            return;
        }

        publish.ProcessPublish = false;
        if (status.IsHeldBack(client, publish))
        {
            return;
        }

        if (!await rate.KeepPaceAsync(client, publish.ApplicationMessage.QualityOfServiceLevel, publish.CancellationToken))
        {
            publish.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
            publish.Response.ReasonString = RateLimit.TooFast;
            return;
        }

        if (ListenerAnnouncements.IsForUs(client, publish.ApplicationMessage.Topic))
        {
            if (!announcements.Hear(client, publish.ApplicationMessage))
            {
                publish.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
                publish.Response.ReasonString = ListenerAnnouncements.ReadsOnly;
            }

            return;
        }

        var submission = intake.Judge(publish.ApplicationMessage, client.TapId, client.ClientId);
        // Only the publishing of a will has no connection that could end meanwhile, and no packet of its own.
        if (
            client.WantsSession
            && publish is { CancellationToken.CanBeCanceled: true, ApplicationMessage.QualityOfServiceLevel: MqttQualityOfServiceLevel.ExactlyOnce }
        )
        {
            submission = submission with { Exchange = (client.PacketId, publish.ApplicationMessage.Dup) };
        }

        await intake.TakeAsync(submission, publish.CancellationToken);
        publish.Response.ReasonCode = submission.ReasonCode;
        publish.Response.ReasonString = submission.Reason;
        if (submission.IsForListeners)
        {
            await status.SaidAsync(client, publish.ApplicationMessage);
            publish.ProcessPublish = true;
        }
    }
}
