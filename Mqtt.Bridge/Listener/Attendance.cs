using System.Buffers;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Taproom.Bridge.Intake;

namespace Taproom.Bridge.Listener;

/// <summary>Notes who comes and goes, for the status of the taps.</summary>
internal sealed class Attendance(
    MqttServer server, Admission admission, ConnectedTaps taps, PresenceKeeper presence, BridgeMetrics metrics)
{
    /// <summary>A client is connected.</summary>
    public async Task EnterAsync(ClientConnectedEventArgs connection)
    {
        metrics.ClientConnected();
        if (admission.OwnerOf(connection) is not { } client)
        {
            await ExpelAsync(connection.ClientId);
            return;
        }

        taps.Enter(connection.ClientId, client);
        if (client.TapId is { } tapId)
        {
            await presence.ArrivedAsync(tapId);
        }
    }

    /// <summary>A client is gone, perhaps because another connection came in its place.</summary>
    public async Task LeaveAsync(ClientDisconnectedEventArgs connection)
    {
        metrics.ClientDisconnected();
        if (connection.DisconnectType is not MqttClientDisconnectType.Takeover && taps.Leave(connection.ClientId) is { } tapId)
        {
            await presence.LeftAsync(tapId);
            await SetOfflineAsync($"taps/{tapId}/status");
        }
    }

    /// <summary>Ends the connection of a client that may not be here; MQTT 5 is told so (0x87).</summary>
    public async Task ExpelAsync(string clientId)
    {
        try
        {
            await server.DisconnectClientAsync(
                clientId, new MqttServerClientDisconnectOptionsBuilder().WithReasonCode(MqttDisconnectReasonCode.NotAuthorized).Build());
        }
        catch (InvalidOperationException)
        {
            // It has gone by itself.
        }
    }

    /// <summary>A tap that said it is online, and went without a will, is offline all the same.</summary>
    private async Task SetOfflineAsync(string topic)
    {
        if (!server.IsStarted
            || await server.GetRetainedMessageAsync(topic) is not { } status
            || !status.Payload.ToArray().AsSpan().SequenceEqual(TapStatus.Online))
        {
            return;
        }

        var offline = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(TapStatus.Offline)
            .WithRetainFlag()
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await server.InjectApplicationMessage(
            new InjectedMqttApplicationMessage(offline) { SenderClientId = MqttListener.SenderId }, CancellationToken.None);
    }
}
