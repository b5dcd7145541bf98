using System.Net;
using System.Net.WebSockets;
using MQTTnet;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class WebSocketTests(RedisServer redis)
{
    [Fact]
    public async Task A_tap_pours_over_WebSocket()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await ConnectAsync(bridge, "mqtt");

        var answer = await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""));

        Assert.True(answer.IsSuccess);
        Assert.Equal("7", Assert.Single(await bridge.EntriesAsync())["tap"]);
        await tap.DisconnectAsync();
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 0), "it is gone");
    }

    [Fact]
    public async Task The_limits_hold_over_WebSocket_too()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxPacketSize", "2048"), ("Mqtt:MaxConnectionsPerAddress", "1"));
        using var tap = await ConnectAsync(bridge, "mqtt");
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(bridge, "mqtt"));
        var told = new TaskCompletionSource<MqttClientDisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        tap.DisconnectedAsync += disconnect =>
        {
            told.TrySetResult(disconnect.Reason);
            return Task.CompletedTask;
        };

        await tap.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("taps/7/pours").WithPayload(new byte[4_000]).Build());

        Assert.Equal(MqttClientDisconnectReason.PacketTooLarge, await told.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("7", Assert.Single(await bridge.DeadLettersAsync())["tap"]);
    }

    [Fact]
    public async Task Nothing_but_WebSocket_is_spoken_at_its_address()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var http = new HttpClient { BaseAddress = new Uri(bridge.HttpAddress) };

        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync("/mqtt/negotiate?negotiateVersion=1", null)).StatusCode);
        Assert.True((int)(await http.GetAsync("/mqtt")).StatusCode is >= 400 and < 500);
    }

    [Fact]
    public async Task A_frame_of_text_closes_its_socket()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        await socket.ConnectAsync(new Uri($"ws://{new Uri(bridge.HttpAddress).Authority}/mqtt"), CancellationToken.None);

        await socket.SendAsync(
            RawTap.Hex("10 0E 00 04 4D 51 54 54 04 02 00 00 00 02 61 62"),
            WebSocketMessageType.Text,
            true,
            CancellationToken.None
        );

        var received = await socket.ReceiveAsync(new byte[100], new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.InvalidMessageType), (received.MessageType, received.CloseStatus));
        Assert.Equal(0, bridge.Connected);
    }

    private static async Task<IMqttClient> ConnectAsync(TestBridge bridge, string protocol)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithWebSocketServer(server => server.WithUri($"ws://{new Uri(bridge.HttpAddress).Authority}/mqtt").WithSubProtocols([protocol]))
                .WithCredentials("7", "")
                .Build(),
            new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token
        );
        return client;
    }
}
