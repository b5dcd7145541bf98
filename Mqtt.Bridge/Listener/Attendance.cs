using System.Globalization;
using System.Net;
using Mqtt.Bridge.Intake;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>Notes who comes and goes, for the status of the taps.</summary>
internal sealed class Attendance(MqttServer server, Admission admission, ConnectedTaps taps, PresenceKeeper presence, BridgeMetrics metrics)
{
    /// <summary>A client is connected.</summary>
    public async Task EnterAsync(ClientConnectedEventArgs connection)
    {
        if (admission.OwnerOf(connection) is not { } client)
        {
            await ExpelAsync(connection.ClientId);
            return;
        }

        metrics.ClientConnected();
        taps.Enter(connection.RemoteEndPoint, connection.ClientId, client);
        if (client.TapId is { } tapId)
        {
            await presence.ArrivedAsync(tapId);
        }
    }

    /// <summary>A connection has ended. With its last one here, a tap that said it is online is offline, whether or not it left a will.</summary>
    /// <remarks>
    /// Not told by the server's event for it: that of a stale connection may come after the tap's new one, and that of one which was
    /// taken over before that of its own beginning.
    /// </remarks>
    public async Task LeaveAsync(EndPoint remote)
    {
        if (taps.Leave(remote) is not { } client)
        {
            return;
        }

        metrics.ClientDisconnected();
        if (client.TapId is not { } tapId)
        {
            return;
        }

        var isLast = !taps.Has(tapId);
        if (isLast)
        {
            await presence.LeftAsync(tapId);
        }

        if (isLast || (client.OwesOffline && !taps.IsOnline(tapId)))
        {
            await SetStatusAsync(tapId, TapStatus.Offline);
        }

        // It may have come back meanwhile, and this have overtaken what it said.
        if (isLast && taps.Has(tapId))
        {
            await presence.ArrivedAsync(tapId);
        }

        if (taps.IsOnline(tapId))
        {
            await SetStatusAsync(tapId, TapStatus.Online);
        }
    }

    /// <summary>Whether a message is a will that says that its tap is offline, while a connection of the tap says otherwise.</summary>
    /// <remarks>
    /// Its own, then <see cref="LeaveAsync"/> says it; or another, perhaps made before the server came to publish the will, then it
    /// is not so.
    /// </remarks>
    public bool IsSaidLater(TapClient client, InterceptingPublishEventArgs publish)
    {
        // Behind a will there is no connection that could end while it is handled.
        if (
            publish.CancellationToken.CanBeCanceled
            || client.TapId is not { } tapId
            || !taps.IsOnline(tapId)
            || publish.ApplicationMessage.Topic != TopicOf(tapId)
            || !publish.ApplicationMessage.Says(TapStatus.Offline)
        )
        {
            return false;
        }

        client.OwesOffline = true;
        return true;
    }

    /// <summary>Ends the connection of a client that may not be here; MQTT 5 is told so (0x87).</summary>
    public async Task ExpelAsync(string clientId)
    {
        try
        {
            await server.DisconnectClientAsync(
                clientId,
                new MqttServerClientDisconnectOptionsBuilder().WithReasonCode(MqttDisconnectReasonCode.NotAuthorized).Build()
            );
        }
        catch (InvalidOperationException)
        {
            // It has gone by itself.
        }
    }

    /// <summary>Corrects what is retained of a tap that says its status.</summary>
    private async Task SetStatusAsync(int tapId, byte[] status)
    {
        var topic = TopicOf(tapId);
        if (!server.IsStarted || await server.GetRetainedMessageAsync(topic) is not { } said || said.Says(status))
        {
            return;
        }

        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(status)
            .WithRetainFlag()
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await server.InjectApplicationMessage(
            new InjectedMqttApplicationMessage(message) { SenderClientId = MqttListener.SenderId },
            CancellationToken.None
        );
    }

    private static string TopicOf(int tapId) => string.Create(CultureInfo.InvariantCulture, $"taps/{tapId}/status");
}
