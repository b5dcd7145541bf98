using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Outbound;
using MQTTnet;
using Taproom;

namespace Mqtt.Bridge.Listener;

/// <summary>Says that the pours of all taps are listened to, while some connected client does.</summary>
internal sealed class NoticeListeners(ListenerGate gate)
{
    /// <summary>A client subscribes, and is told so when this returns: then it misses nothing. While Redis is away it is not kept waiting for long.</summary>
    public async Task SubscribeAsync(TapClient client)
    {
        if (IsListener(client))
        {
            client.Listening ??= gate.Enter();
            await client.Listening.Ready.WaitAsync(Deadlines.Answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A client has given up a subscription.</summary>
    public static void Unsubscribed(TapClient client)
    {
        if (!IsListener(client))
        {
            Ended(client);
        }
    }

    /// <summary>The connection of a client has ended.</summary>
    public static void Ended(TapClient client)
    {
        client.Listening?.Dispose();
        client.Listening = null;
    }

    private static bool IsListener(TapClient client) =>
        client.Subscriptions.Any(filter => MqttTopicFilterComparer.Compare(NoticeRelay.PourTopic, filter) is MqttTopicFilterCompareResult.IsMatch);
}
