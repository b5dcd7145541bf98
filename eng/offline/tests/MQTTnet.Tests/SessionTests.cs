using System.Collections.Concurrent;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MQTTnet.Tests;

/// <summary>What is left of a client after its connection: session and will.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_delayed_will_is_not_sent_when_the_client_is_back_in_time_and_sent_when_not()
    {
        await using var server = await TestServer.StartAsync();
        MqttClientOptionsBuilder Options(uint delay) =>
            server.ClientOptions("tap").WithCleanStart(false).WithSessionExpiryInterval(300).WithWillTopic("gone").WithWillPayload($"{delay}").WithWillDelayInterval(delay);
        var first = server.NewClient();
        await first.ConnectAsync(Options(60).Build());
        first.Dispose();
        await Support.Eventually(() => server.Disconnected.Count == 1, "the first connection ends");
        var second = server.NewClient();
        Assert.True((await second.ConnectAsync(Options(1).Build())).IsSessionPresent);
        second.Dispose();
        await Support.Eventually(() => server.Disconnected.Count == 2, "the second connection ends");
        Assert.Empty(server.Published);

        await Support.Eventually(() => !server.Published.IsEmpty, "the will comes");

        Assert.Equal("1", Assert.Single(server.Published).ConvertPayloadToString());
    }

    [Fact]
    public async Task A_clean_goodbye_sends_no_will_unless_it_asks_for_it()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync("a", configure: o => o.WithWillTopic("will").WithWillPayload("a"));
        await client.DisconnectAsync();
        client = await server.ConnectAsync("b", configure: o => o.WithWillTopic("will").WithWillPayload("b"));
        await client.DisconnectAsync(MqttClientDisconnectOptionsReason.DisconnectWithWillMessage);

        await Support.Eventually(() => server.Disconnected.Count == 2, "both are gone");

        Assert.Equal("b", Assert.Single(server.Published).ConvertPayloadToString());
        Assert.All(server.Disconnected, d => Assert.Equal(MqttClientDisconnectType.Clean, d.DisconnectType));
    }

    [Fact]
    public async Task A_session_ends_when_its_interval_is_over()
    {
        var deleted = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(prepare: s => s.SessionDeletedAsync += args =>
        {
            deleted.Enqueue(args.Id);
            return Task.CompletedTask;
        });
        var client = await server.ConnectAsync("short", configure: o => o.WithSessionExpiryInterval(1));
        await client.SubscribeAsync("t", MqttQualityOfServiceLevel.AtLeastOnce);
        await client.DisconnectAsync();
        await Support.Eventually(() => !server.Disconnected.IsEmpty, "the client is away");
        Assert.Single(await server.Server.GetSessionsAsync());

        await Support.Eventually(() => deleted.Contains("short"), "the session ends");

        Assert.Empty(await server.Server.GetSessionsAsync());
        Assert.False((await client.ConnectAsync(server.ClientOptions("short").WithCleanStart(false).Build())).IsSessionPresent);
    }
}
