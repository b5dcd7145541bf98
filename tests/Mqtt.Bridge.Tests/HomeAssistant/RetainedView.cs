using System.Collections.Concurrent;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>A Home Assistant's view of a broker: all that it is told below its prefix and <c>taproom/</c>.</summary>
internal sealed class RetainedView : IDisposable
{
    private readonly ConcurrentDictionary<string, string> _messages = [];
    private readonly ConcurrentQueue<(string Topic, bool IsRetained)> _heard = [];

    private RetainedView(IMqttClient client) => Client = client;

    public IMqttClient Client { get; }

    /// <summary>What is there, by topic.</summary>
    public IReadOnlyDictionary<string, string> Messages => _messages;

    /// <summary>Every message in order, and whether it had been retained before.</summary>
    public IReadOnlyList<(string Topic, bool IsRetained)> Heard => [.. _heard];

    public static async Task<RetainedView> ConnectAsync(int port, string? user = null, string? password = null, string prefix = "homeassistant")
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port)
            .WithTlsOptions(tls => tls.UseTls(false))
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId($"ha-{Guid.NewGuid():N}");
        if (user is not null)
        {
            options.WithCredentials(user, password);
        }

        var view = new RetainedView(client);
        client.ApplicationMessageReceivedAsync += view.HearAsync;
        await client.ConnectAsync(options.Build(), BrokerTaps.Deadline());
        await client.SubscribeAsync($"{prefix}/#", MqttQualityOfServiceLevel.AtLeastOnce, BrokerTaps.Deadline());
        await client.SubscribeAsync("taproom/#", MqttQualityOfServiceLevel.AtLeastOnce, BrokerTaps.Deadline());
        return view;
    }

    /// <summary>Waits until what a tap's state says holds.</summary>
    public async Task<JsonElement> StateAsync(int tapId, Func<JsonElement, bool> holds, string what, TimeSpan? deadline = null)
    {
        JsonElement state = default;
        await Eventually.TrueAsync(
            () =>
            {
                var isThere = _messages.TryGetValue($"taproom/taps/{tapId}/state", out var json);
                state = isThere ? JsonElement.Parse(json!) : default;
                return Task.FromResult(isThere && holds(state));
            },
            what,
            deadline
        );
        return state;
    }

    /// <summary>Waits for a message on a topic.</summary>
    public Task<string> MessageAsync(string topic) =>
        Eventually.ValueAsync(() => Task.FromResult(_messages.GetValueOrDefault(topic)), $"there is something on {topic}");

    /// <summary>Waits until there is nothing on a topic.</summary>
    public Task GoneAsync(string topic) => Eventually.TrueAsync(() => Task.FromResult(!_messages.ContainsKey(topic)), $"{topic} is gone");

    public void Dispose() => Client.Dispose();

    private Task HearAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        var (topic, payload) = (received.ApplicationMessage.Topic, received.ApplicationMessage.ConvertPayloadToString());
        _heard.Enqueue((topic, received.ApplicationMessage.Retain));
        if (string.IsNullOrEmpty(payload))
        {
            _messages.TryRemove(topic, out _);
        }
        else
        {
            _messages[topic] = payload;
        }

        return Task.CompletedTask;
    }
}
