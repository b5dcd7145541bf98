using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Tests;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(RedisCollection))]
public sealed class SlowLineTests(RedisServer redis)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task What_is_not_read_stops_the_sender_and_comes_whole_afterwards()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var line = await SlowLine.OpenAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, _time, CancellationToken.None);
        using var server = await listener.AcceptSocketAsync();
        using var tap = new TcpClient();
        await tap.ConnectAsync(line.Near);
        line.StopReading(Pause);

        // More than all buffers between the two can take.
        var sent = new byte[64 * 1024 * 1024];
        new Random(7).NextBytes(sent);
        var sending = SendAsync(server, sent);
        await tap.GetStream().WriteAsync("still sent"u8.ToArray());
        Assert.Equal("still sent".Length, await server.ReceiveAsync(new byte[100]));
        Assert.False(sending.IsCompleted);

        _time.Advance(Pause);
        var received = new byte[sent.Length];
        await tap.GetStream().ReadExactlyAsync(received);
        await sending;
        Assert.True(received.AsSpan().SequenceEqual(sent));
    }

    [Fact]
    public async Task A_tap_that_stops_reading_holds_up_no_other_and_goes_on_afterwards()
    {
        // However long this takes, the bridge is patient with it.
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:CommunicationTimeout", "00:10:00"));
        using var meters = new ServiceCollection().AddMetrics().AddSingleton<PublishMetrics>().BuildServiceProvider();
        var transport = new MqttTransport(
            Options.Create(new TransportOptions { Mqtt = $"mqtt://127.0.0.1:{bridge.Port}" }),
            meters.GetRequiredService<PublishMetrics>(),
            _time
        );
        using var slow = await transport.OpenAsync(new TapIdentity(1), "", _ => { }, mayStopReading: true, CancellationToken.None);
        using var other = await transport.OpenAsync(new TapIdentity(2), "", _ => { }, mayStopReading: true, CancellationToken.None);

        slow.StopReading(Pause);
        var unread = slow.SendAsync(Pours.Pint(1), CancellationToken.None);
        // Eight megabytes for the slow tap.
        var receipts = bridge.Get<Receipts>();
        var ids = Enumerable.Range(0, 200).Select(_ => Guid.NewGuid()).ToList();
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => receipts.PublishAsync(new Receipt("1", ids))));
        for (var seq = 1; seq <= 50; seq++)
        {
            Assert.Equal(AnswerKind.Accepted, (await other.SendAsync(Pours.Pint(seq), CancellationToken.None)).Kind);
        }

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 51, "what both have sent is accepted");
        Assert.False(unread.IsCompleted);

        _time.Advance(Pause);
        Assert.Equal(AnswerKind.Accepted, (await unread).Kind);
        Assert.Equal(AnswerKind.Accepted, (await slow.SendAsync(Pours.Pint(2), CancellationToken.None)).Kind);
        Assert.False(slow.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_server_that_is_away_is_reported_at_once() =>
        await Assert.ThrowsAsync<SocketException>(() => SlowLine.OpenAsync("127.0.0.1", LocalServer.FreePort(), _time, CancellationToken.None));

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }
}
