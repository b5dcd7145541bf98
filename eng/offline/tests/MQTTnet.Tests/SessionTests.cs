using MQTTnet.Server;

namespace MQTTnet.Tests;

/// <summary>What is left of a client after its connection: session and will.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_will_is_sent_at_once_when_the_socket_goes_and_not_when_another_connection_takes_over(bool takeover, int wills)
    {
        await using var server = await TestServer.StartAsync();
        MqttClientOptions Options() =>
            server.ClientOptions("tap").WithCleanStart(false).WithSessionExpiryInterval(300).WithWillTopic("gone").WithWillDelayInterval(60).Build();
        var first = server.NewClient();
        await first.ConnectAsync(Options());

        if (takeover)
        {
            Assert.True((await server.NewClient().ConnectAsync(Options())).IsSessionPresent);
        }
        else
        {
            first.Dispose();
        }

        await Support.Eventually(() => server.Disconnected.Count == 1, "the first connection ends");
        await server.AssertWorksAsync(await server.ConnectAsync("other"));
        Assert.Equal(wills, server.Published.Count(message => message.Topic == "gone"));
    }

    [Fact]
    public async Task A_goodbye_sends_no_will_not_even_one_that_asks_for_it()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync("a", configure: o => o.WithWillTopic("will").WithWillPayload("a"));
        await client.DisconnectAsync();
        client = await server.ConnectAsync("b", configure: o => o.WithWillTopic("will").WithWillPayload("b"));
        await client.DisconnectAsync(MqttClientDisconnectOptionsReason.DisconnectWithWillMessage);

        await Support.Eventually(() => server.Disconnected.Count == 2, "both are gone");

        Assert.Empty(server.Published);
        Assert.All(server.Disconnected, d => Assert.Equal(MqttClientDisconnectType.Clean, d.DisconnectType));
    }
}
