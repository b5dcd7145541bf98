using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Mqtt.Bridge.Outbound;
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

        // The end may come while the client is still sending.
        await Record.ExceptionAsync(() =>
            tap.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("taps/7/pours").WithPayload(new byte[4_000]).Build())
        );

        Assert.Equal(MqttClientDisconnectReason.PacketTooLarge, await told.Task.WaitAsync(TimeSpan.FromMinutes(1)));
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

        var received = await socket.ReceiveAsync(new byte[100], new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.InvalidMessageType), (received.MessageType, received.CloseStatus));
        Assert.Equal(0, bridge.Connected);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_while_much_is_to_be_sent_to_it_is_closed_soon_when_it_breaks_the_protocol()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:CommunicationTimeout", "00:00:02"));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(bridge.HttpAddress).Port);
        const string upgrade = """
            GET /mqtt HTTP/1.1
            Host: bridge
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Protocol: mqtt


            """;
        await socket.SendAsync(Encoding.ASCII.GetBytes(upgrade.ReplaceLineEndings("\r\n")));
        await socket.SendAsync(Frame([.. RawTap.Connect(4, 7), .. RawTap.Packet(0x82, [0, 1, 0, 9, .. "notices/#"u8, 0])]));
        byte[] subAck = [0x90, 3, 0, 1, 0];
        var (answer, read) = (new byte[1024], 0);
        while (answer.AsSpan(0, read).IndexOf(subAck) < 0)
        {
            read += await socket.ReceiveAsync(answer.AsMemory(read));
        }

        for (var n = 0; n < 100; n++)
        {
            await bridge.Get<IEnumerable<ITapPublisher>>().First().NotifyAsync("notices/pours", new byte[8_000], null, CancellationToken.None);
        }

        await socket.SendAsync(Frame([0, 0]));

        var end = $":{((IPEndPoint)socket.RemoteEndPoint!).Port:X4} [0-9A-F]+:{((IPEndPoint)socket.LocalEndPoint!).Port:X4} 01 ";
        await Eventually.TrueAsync(async () => !Regex.IsMatch(await File.ReadAllTextAsync("/proc/net/tcp"), end), "it is closed");
    }

    /// <summary>A binary frame of a client, masked with zeros.</summary>
    private static byte[] Frame(byte[] bytes) => [0x82, (byte)(0x80 | bytes.Length), 0, 0, 0, 0, .. bytes];

    private static async Task<IMqttClient> ConnectAsync(TestBridge bridge, string protocol)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithWebSocketServer(server => server.WithUri($"ws://{new Uri(bridge.HttpAddress).Authority}/mqtt").WithSubProtocols([protocol]))
                .WithCredentials("7", "")
                .Build(),
            new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token
        );
        return client;
    }
}
