using Microsoft.Extensions.Options;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Outbound;
using MQTTnet;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>Keeps the retained status of the taps right as connections come and go.</summary>
internal sealed class TapStatusUpdates(
    MqttServer server,
    ClientRegistry clients,
    PresenceRelay presence,
    BridgeMetrics metrics,
    IOptions<MqttListenerOptions> options
)
{
    // The taps of which a status is retained, the oldest first: no more than may be connected.
    private readonly Queue<int> _retained = [];
    private readonly int _most = options.Value.MaxConnections;

    /// <summary>A client is connected.</summary>
    public async Task ConnectedAsync(string clientId)
    {
        metrics.ClientConnected();
        if (clients.Find(clientId) is { TapId: { } tapId })
        {
            await presence.ArrivedAsync(tapId);
        }
    }

    /// <summary>A connection has ended. With its last one here, a tap that said it is online is offline, whether or not it left a will.</summary>
    /// <remarks>
    /// The server's own event is not used: for a stale connection it may come after the new one has begun, and for one that was taken over
    /// even before its own begin.
    /// </remarks>
    public async Task EndedAsync(TapClient client)
    {
        clients.Remove(client);
        metrics.ClientDisconnected();
        if (client.TapId is not { } tapId)
        {
            return;
        }

        var isLast = !clients.Has(tapId);
        if (isLast)
        {
            await presence.LeftAsync(tapId);
        }

        if (isLast || (client.HasHeldWill && !clients.IsOnline(tapId)))
        {
            await CorrectAsync(tapId, TapStatus.Offline);
        }

        // The tap may have come back meanwhile; then this would undo what it said.
        if (isLast && clients.Has(tapId))
        {
            await presence.ArrivedAsync(tapId);
        }

        if (clients.IsOnline(tapId))
        {
            await CorrectAsync(tapId, TapStatus.Online);
        }
    }

    /// <summary>Whether a message is a will that says that its tap is offline, while a connection of the tap says otherwise.</summary>
    /// <remarks>
    /// If that is its own connection, <see cref="EndedAsync"/> publishes the status. If it is another one, perhaps made before the server
    /// published the will, the tap is online.
    /// </remarks>
    public bool IsHeldBack(TapClient client, InterceptingPublishEventArgs publish)
    {
        // Only the publishing of a will has no connection that could end meanwhile.
        if (
            publish.CancellationToken.CanBeCanceled
            || client.TapId is not { } tapId
            || !clients.IsOnline(tapId)
            || publish.ApplicationMessage.Topic != TopicOf(tapId)
            || !TapStatus.IsOffline(publish.ApplicationMessage)
        )
        {
            return false;
        }

        client.HasHeldWill = true;
        return true;
    }

    /// <summary>A tap says its status, which is retained in small letters; an empty one clears what is retained.</summary>
    public async Task SaidAsync(TapClient client, MqttApplicationMessage message)
    {
        client.IsOnline = TapStatus.IsOnline(message);
        message.Retain = true;
        if (!message.Payload.IsEmpty && TapTopic.TryParse(message.Topic, out var topic))
        {
            message.PayloadSegment = client.IsOnline ? TapStatus.Online : TapStatus.Offline;
            await MakeRoomAsync(topic.TapId);
        }
    }

    /// <summary>Clears the status of a tap that was removed.</summary>
    public Task ForgetAsync(int tapId) => RetainAsync(tapId, []);

    /// <summary>Clears the oldest status of a tap that is away, where there are too many: anonymous clients may name any number of taps.</summary>
    private async Task MakeRoomAsync(int tapId)
    {
        int? oldest = null;
        lock (_retained)
        {
            if (!_retained.Contains(tapId))
            {
                _retained.Enqueue(tapId);
            }

            for (var left = _most; left > 0 && oldest is null && _retained.Count > _most; left--)
            {
                var next = _retained.Dequeue();
                if (clients.Has(next))
                {
                    // It stays in the queue: when its tap is away, what is retained of it is cleared like any other.
                    _retained.Enqueue(next);
                }
                else
                {
                    oldest = next;
                }
            }
        }

        if (oldest is { } one)
        {
            await RetainAsync(one, []);
        }
    }

    /// <summary>Corrects what is retained of a tap that says its status.</summary>
    private async Task CorrectAsync(int tapId, byte[] status)
    {
        var topic = TopicOf(tapId);
        if (
            !server.IsStarted
            || await server.GetRetainedMessageAsync(topic) is not { } said
            || TapStatus.IsOnline(said) == (status == TapStatus.Online)
        )
        {
            return;
        }

        await RetainAsync(tapId, status);
    }

    private Task RetainAsync(int tapId, byte[] status) => ListenerPublisher.RetainAsync(server, TopicOf(tapId), status, CancellationToken.None);

    private static string TopicOf(int tapId) => TapTopic.Of(tapId, "status");
}
