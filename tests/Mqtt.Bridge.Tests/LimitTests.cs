using System.Text.RegularExpressions;
using Mqtt.Bridge.Outbound;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class LimitTests(RedisServer redis)
{
    private const string Pour = """{"volume":473}""";

    /// <summary>A header that announces 256 MB.</summary>
    private static readonly byte[] Huge = [0x32, 0xFF, 0xFF, 0xFF, 0x7F];

    /// <summary>Less than that, and more than all tests need that run at the same time.</summary>
    private const long Room = 200 * 1024 * 1024;

    [Theory]
    [InlineData(5, 0x95)]
    [InlineData(4, null)]
    public async Task A_packet_that_announces_too_much_ends_its_connection_before_room_is_made_for_it(byte level, int? told)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var other = await bridge.ConnectAsync("8");
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);
        var before = GC.GetTotalAllocatedBytes();

        await tap.SendAsync(Huge);

        Assert.Equal(told, await tap.EndAsync());
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Room);
        // The tap does not wait for it.
        await Eventually.TrueAsync(async () => (await bridge.DeadLettersAsync()).Count > 0, "it is set aside");
        var dead = Assert.Single(await bridge.DeadLettersAsync());
        Assert.Equal(("7", "The message has 268435460 bytes; 65536 are allowed."), (dead["tap"], dead["reason"]));
        Assert.NotEmpty(dead["failedAt"]);
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", Pour))).IsSuccess);
    }

    [Fact]
    public async Task Who_is_not_known_yet_may_announce_far_less()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var before = GC.GetTotalAllocatedBytes();
        foreach (
            var header in (byte[][])
                [
                    [0x10, 0xFF, 0xFF, 0xFF, 0x7F],
                    [0x10, 0x80, 0x20],
                    Huge,
                ]
        )
        {
            using var stranger = await RawTap.OpenAsync(bridge.Port);
            await stranger.SendAsync(header);
            Assert.Null(await stranger.ReadAsync());
        }

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Room);
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_client_of_MQTT_5_is_told_the_limits()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxPacketSize", "2048"), ("Mqtt:MaxInFlight", "7"));
        using var client = new MqttClientFactory().CreateMqttClient();

        var answer = await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithTcpServer("127.0.0.1", bridge.Port)
                .WithTlsOptions(tls => tls.UseTls(false))
                .WithClientId("tap-7")
                .Build()
        );

        Assert.Equal((2048u, (ushort)7, (ushort)16), (answer.MaximumPacketSize, answer.ReceiveMaximum, answer.TopicAliasMaximum));
    }

    [Fact]
    public async Task More_messages_under_way_than_allowed_end_the_connection()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxInFlight", "3"));
        using var tap = await RawTap.ConnectAsync(bridge.Port, 5, 7);

        // Of QoS 2, and never released.
        await tap.SendAsync([.. Enumerable.Range(1, 4).SelectMany(id => RawTap.Publish(5, 2, (ushort)id, "taps/7/pours", Pour))]);

        Assert.Equal((int)MqttDisconnectReasonCode.ReceiveMaximumExceeded, await tap.EndAsync());
        Assert.Equal(3, (await bridge.EntriesAsync()).Count);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public async Task A_tap_that_has_few_under_way_at_a_time_may_send_many(byte level)
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxInFlight", "3"));
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);
        for (ushort id = 1; id <= 30; id++)
        {
            await tap.SendAsync(RawTap.Publish(level, 1, id, "taps/7/pours", Pour));
            if (id > 2)
            {
                Assert.Equal(0x40, (await tap.ReadAsync())![0]);
            }
        }

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 30, "all are there");
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_answers_is_not_read_from_and_then_closed()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:CommunicationTimeout", "00:00:01"));
        using var other = await bridge.ConnectAsync("8");
        using var deaf = await RawTap.ConnectAsync(bridge.Port, 4, 7, receiveBuffer: 1024);
        var pings = Enumerable.Repeat<byte[]>([0xC0, 0], 1_000).SelectMany(ping => ping).ToArray();

        var sent = 0;
        while (await deaf.SendAsync(pings))
        {
            Assert.True(++sent < 5_000, "it is read from for ever");
        }

        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 1), "it is closed");
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", Pour))).IsSuccess);
    }

    [Fact]
    public async Task A_client_that_never_acknowledges_what_it_gets_is_closed()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxPendingMessages", "3"));
        using var tap = await RawTap.ConnectAsync(bridge.Port, 4, 7);
        await tap.SendAsync([0x82, 0x14, 0, 1, 0, 15, .. "taps/7/receipts"u8, 1]);
        Assert.Equal(0x90, (await tap.ReadAsync())![0]);
        var publisher = bridge.Get<IEnumerable<ITapPublisher>>().First();

        var read = tap.EndAsync();

        await Eventually.TrueAsync(
            async () =>
            {
                await publisher.SendReceiptAsync(7, new Receipt("7", [Guid.NewGuid()]), CancellationToken.None);
                return bridge.Connected == 0;
            },
            "it is closed"
        );
        Assert.Null(await read);
    }

    [Fact]
    public async Task A_client_may_hold_so_many_subscriptions_and_no_more()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        var codes = new List<MqttClientSubscribeResultCode>();
        for (var n = 0; n < 20; n++)
        {
            codes.Add((await tap.SubscribeAsync($"notices/{n}")).Items.Single().ResultCode);
        }

        Assert.Equal(16, codes.Count(code => code is MqttClientSubscribeResultCode.GrantedQoS0));
        Assert.Equal(4, codes.Count(code => code is MqttClientSubscribeResultCode.QuotaExceeded));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS0, (await tap.SubscribeAsync("notices/0")).Items.Single().ResultCode);
        await tap.UnsubscribeAsync("notices/0");
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS0, (await tap.SubscribeAsync("notices/pours")).Items.Single().ResultCode);
    }

    [Fact]
    public async Task Who_says_nothing_is_closed()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:CommunicationTimeout", "00:00:01"));
        using var silent = await RawTap.OpenAsync(bridge.Port);
        using var slow = await RawTap.OpenAsync(bridge.Port);
        await slow.SendAsync(RawTap.Connect(5, 7)[..5]);

        Assert.Null(await silent.ReadAsync());
        Assert.Null(await slow.ReadAsync());
    }

    [Fact]
    public async Task Whether_a_quiet_peer_is_still_there_is_asked_by_TCP()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, 4, 7);

        // In the kernel's table: local port, state 01 (established), and timer 02 (keep-alive).
        var wanted = new Regex($":{bridge.Port:X4} [0-9A-F]+:[0-9A-F]{{4}} 01 [0-9A-F]+:[0-9A-F]+ 02:");
        // Another timer runs while what was sent is not acknowledged.
        await Eventually.TrueAsync(async () => wanted.IsMatch(await File.ReadAllTextAsync("/proc/net/tcp6")), "TCP asks");
    }

    [Fact]
    public async Task An_address_may_have_so_many_connections_and_no_more()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxConnectionsPerAddress", "2"));
        using var tap = await bridge.ConnectAsync("7");
        using var other = await RawTap.ConnectAsync(bridge.Port, 5, 9);

        using (var third = await RawTap.OpenAsync(bridge.Port))
        {
            await third.SendAsync(RawTap.Connect(5, 8));
            Assert.Null(await third.ReadAsync());
        }

        other.Dispose();

        await Eventually.TrueAsync(
            async () =>
            {
                using var third = await RawTap.OpenAsync(bridge.Port);
                await third.SendAsync(RawTap.Connect(5, 8));
                return await third.ReadAsync() is [0x20, ..];
            },
            "there is room again"
        );
        Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/pours", Pour))).IsSuccess);
    }
}
