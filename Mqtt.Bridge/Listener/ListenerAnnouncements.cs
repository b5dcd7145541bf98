using System.Diagnostics;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.HomeAssistant;
using MQTTnet;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>Retains announcements at this bridge's own listener, for whoever subscribes there, and hears when a Home Assistant has started.</summary>
/// <remarks>They are in the memory of this bridge only: each bridge retains them all, and a bridge that does not announce has none.</remarks>
internal sealed class ListenerAnnouncements : IRetainedPublisher
{
    /// <summary>What a reader is told that publishes something else.</summary>
    public const string ReadsOnly = "This account may publish nothing but the birth message.";

    private readonly MqttServer _server;
    private long _retainedAt;
    private int _underWay;

    public ListenerAnnouncements(MqttServer server)
    {
        _server = server;
        server.ClientSubscribedTopicAsync += SubscribedAsync;
    }

    /// <inheritdoc />
    public event Action? Renewed;

    /// <inheritdoc />
    public bool IsReady => _server.IsStarted;

    /// <inheritdoc />
    public Task<IReadOnlyCollection<string>> RetainedAsync() => Task.FromResult<IReadOnlyCollection<string>>([]);

    /// <inheritdoc />
    public async Task<bool> RetainAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await ListenerPublisher.RetainAsync(_server, topic, payload, cancellationToken);
        }
        finally
        {
            Interlocked.Exchange(ref _retainedAt, Stopwatch.GetTimestamp());
            Interlocked.Decrement(ref _underWay);
        }

        return true;
    }

    /// <summary>Whether a message is none of a tap: a reader sends it, or it says how a Home Assistant is.</summary>
    public static bool IsForUs(TapClient client, string topic) =>
        client.IsReader || (client.ReadablePrefix is { } prefix && topic == HomeAssistantTopics.BirthOf(prefix));

    /// <summary>Hears a birth message.</summary>
    /// <returns>False for a message that nobody may send.</returns>
    public bool Hear(TapClient client, MqttApplicationMessage message)
    {
        if (client.ReadablePrefix is not { } prefix || message.Topic != HomeAssistantTopics.BirthOf(prefix))
        {
            return false;
        }

        if (message.ConvertPayloadToString() == "online")
        {
            Renewed?.Invoke();
        }

        return true;
    }

    /// <summary>
    /// The server looks up what is retained before it adds a subscription: what is retained between the two reaches the subscriber by neither way,
    /// and has to be published once more.
    /// </summary>
    private Task SubscribedAsync(ClientSubscribedTopicEventArgs subscription)
    {
        if (
            TapClient.Of(subscription.SessionItems) is { ReadablePrefix: not null } client
            && (Volatile.Read(ref _underWay) > 0 || Interlocked.Read(ref _retainedAt) >= client.SubscribeReceivedAt)
        )
        {
            Renewed?.Invoke();
        }

        return Task.CompletedTask;
    }
}
