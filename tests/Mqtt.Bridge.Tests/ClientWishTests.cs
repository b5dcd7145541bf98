using System.Text;
using Mqtt.Bridge.Outbound;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>What a client asks for in its packets, and gets or is told that it does not.</summary>
[Collection(nameof(RedisCollection))]
public sealed class ClientWishTests(RedisServer redis)
{
    private const string Pour = """{"volume":473}""";

    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task A_client_without_a_client_id_is_given_one_as_mosquitto_pub_expects(string version)
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        var (exitCode, output) = await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", Pour, "-V", version, "-q", "1", "-u", "7");

        Assert.True(exitCode == 0, output);
        Assert.Single(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task A_client_of_5_without_a_client_id_is_told_which_it_was_given()
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        var (tap, connAck) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [], clientId: ""));

        using (tap)
        {
            Assert.Contains("taproom-", Encoding.ASCII.GetString(connAck));
        }
    }

    [Fact]
    public async Task A_session_that_is_not_kept_is_announced()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var client = new MqttClientFactory().CreateMqttClient();

        var answer = await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithTcpServer("127.0.0.1", bridge.Port)
                .WithTlsOptions(tls => tls.UseTls(false))
                .WithClientId("tap-7")
                .WithCleanStart(false)
                .WithSessionExpiryInterval(3_600)
                .Build()
        );
        var (tap, connAck) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [0x11, 0, 0, 0, 60]));

        using (tap)
        {
            Assert.False(answer.IsSessionPresent);
            // The first property: Session Expiry Interval, 0.
            Assert.Equal([0x11, 0, 0, 0, 0], connAck[5..10]);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_message_of_QoS_2_that_is_sent_again_before_its_release_counts_once(byte level)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);
        var publish = RawTap.Publish(level, 2, 9, "taps/7/pours", Pour);
        byte[] again = [(byte)(publish[0] | 8), .. publish[1..]];

        await tap.SendAsync(publish);
        Assert.Equal([0x50, 0, 9], Id(await tap.ReadAsync()));
        await tap.SendAsync(again);
        Assert.Equal([0x50, 0, 9], Id(await tap.ReadAsync()));
        await tap.SendAsync([0x62, 2, 0, 9]);
        Assert.Equal([0x70, 0, 9], Id(await tap.ReadAsync()));
        Assert.Single(await bridge.EntriesAsync());

        // Released, so the number stands for another message now.
        await tap.SendAsync(publish);
        Assert.Equal([0x50, 0, 9], Id(await tap.ReadAsync()));
        Assert.Equal(2, (await bridge.EntriesAsync()).Count);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_message_of_QoS_2_that_is_sent_again_over_the_next_connection_has_the_same_id_until_it_is_released(byte level)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var other = await bridge.StartBesideAsync();
        var connect = level == 5 ? RawTap.Connect5(7, [0x11, 0, 0, 0, 60]) : RawTap.Connect(level, 7, cleanStart: false);
        var publish = RawTap.Publish(level, 2, 9, "taps/7/pours", Pour);
        byte[] again = [(byte)(publish[0] | 8), .. publish[1..]];
        using (var lost = (await RawTap.ConnectAsync(bridge.Port, connect)).Tap)
        {
            await lost.SendAsync(publish);
            Assert.Equal([0x50, 0, 9], Id(await lost.ReadAsync()));
        }

        using var tap = (await RawTap.ConnectAsync(other.Port, connect)).Tap;
        await tap.SendAsync(again);
        Assert.Equal([0x50, 0, 9], Id(await tap.ReadAsync()));
        Assert.Single(await IdsAsync(bridge));
        await tap.SendAsync([0x62, 2, 0, 9]);
        Assert.Equal([0x70, 0, 9], Id(await tap.ReadAsync()));

        // Released, so the number stands for another message now, even where that is sent again and has the same content.
        await tap.SendAsync(again);
        Assert.Equal([0x50, 0, 9], Id(await tap.ReadAsync()));
        Assert.Equal(2, (await IdsAsync(bridge)).Count);
    }

    [Fact]
    public async Task Of_QoS_2_what_has_another_content_or_belongs_to_no_session_is_another_message()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var (session, clean) = (RawTap.Connect(4, 7, cleanStart: false), RawTap.Connect(4, 7));
        foreach (var (connect, payload) in ((byte[], string)[])[(session, Pour), (session, """{"volume":474}"""), (clean, Pour), (clean, Pour)])
        {
            using var tap = (await RawTap.ConnectAsync(bridge.Port, connect)).Tap;
            var publish = RawTap.Publish(4, 2, 9, "taps/7/pours", payload);
            await tap.SendAsync([(byte)(publish[0] | 8), .. publish[1..]]);
            Assert.Equal([0x50, 0, 9], Id(await tap.ReadAsync()));
        }

        Assert.Equal(4, (await IdsAsync(bridge)).Count);
    }

    [Theory]
    [InlineData(4, "70 02 00 09")]
    [InlineData(5, "70 03 00 09 92")]
    public async Task A_release_of_an_unknown_message_is_answered_with_that(byte level, string answer)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);

        await tap.SendAsync([0x62, 2, 0, 9]);

        Assert.Equal(
            RawTap.Hex(answer),
            (await tap.ReadAsync())!.Take(RawTap.Hex(answer).Length).Select((b, n) => n == 1 ? RawTap.Hex(answer)[1] : b)
        );
    }

    [Theory]
    [InlineData(4, new byte[] { 0x80, 0x00, 0x01, 0x00 })]
    [InlineData(5, new byte[] { 0x87, 0x00, 0x01, 0x00 })]
    public async Task The_codes_of_a_SUBACK_stand_in_the_order_of_the_filters(byte level, byte[] codes)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);
        byte[] none = level == 5 ? [0] : [];
        byte[] filters =
        [
            .. Filter("taps/8/receipts", 1),
            .. Filter("taps/7/receipts", 0),
            .. Filter("taps/7/commands", 1),
            .. Filter("notices/#", 0),
        ];

        await tap.SendAsync(RawTap.Packet(0x82, [0, 1, .. none, .. filters]));

        Assert.Equal(codes, (await tap.ReadAsync())![^4..]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_will_that_is_an_event_is_stored_when_the_connection_is_lost_and_when_DISCONNECT_asks_for_it(bool asks)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        const string body = """{"component":"valve","environment":"bar 2","email":"a@example.org","message":"lost","data":{}}""";
        var (tap, _) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [], will: ("taps/7/events", body)));

        using (tap)
        {
            await tap.SendAsync(asks ? [0xE0, 1, 4] : []);
        }

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 1, "the will is stored");
        var entry = (await bridge.EntriesAsync())[0];
        Assert.Equal(("event", "7", body), (entry["kind"], entry["tap"], entry["body"]));
    }

    [Fact]
    public async Task A_will_is_let_go_by_a_normal_DISCONNECT()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var (tap, _) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [], will: ("taps/7/pours", Pour)));
        using (tap)
        {
            await tap.SendAsync([0xE0, 0]);
            await tap.EndAsync();
        }

        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 0), "it is gone");
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task An_unknown_authentication_method_is_refused_with_0x8C()
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        var (tap, connAck) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [0x15, 0, 5, .. "OAUTH"u8]));

        using (tap)
        {
            Assert.Equal([0x20, 0x8C], [connAck[0], connAck[3]]);
            Assert.Null(await tap.ReadAsync());
        }
    }

    [Fact]
    public async Task A_client_of_5_without_a_keep_alive_is_given_one_and_disconnected_when_it_falls_silent()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxKeepAlive", "00:00:01"));

        var (tap, connAck) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, []));

        using (tap)
        {
            // Server Keep Alive, 1 s.
            Assert.Contains("130001", Convert.ToHexString(connAck));
            Assert.Equal(0x8D, await tap.EndAsync());
        }
    }

    [Fact]
    public async Task Nothing_larger_than_the_client_takes_is_sent_and_a_command_that_is_too_large_is_set_aside()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var commands = bridge.Get<TapCommands>();
        var (tap, _) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [0x27, 0, 0, 1, 0]));
        using var connection = tap;
        await tap.SendAsync(RawTap.Packet(0x82, [0, 1, 0, .. Filter("taps/7/#", 1), .. Filter("notices/#", 0)]));
        Assert.Equal(0x90, (await tap.ReadAsync())![0]);

        await commands.QueueAsync(7, $$"""{"command":"show","text":"{{new string('x', 1_000)}}"}""");
        await commands.QueueAsync(7, """{"command":"open"}""");

        var publish = (await tap.ReadAsync())!;
        Assert.True(publish.Length <= 256);
        Assert.Contains("open", Encoding.UTF8.GetString(publish));
        await Eventually.TrueAsync(async () => (await commands.WaitingAsync(7)).Count == 1, "the large one waits no longer");
        await Eventually.TrueAsync(async () => (await bridge.DeadLettersAsync()).Count > 0, "it is set aside");
        var dead = Assert.Single(await bridge.DeadLettersAsync());
        Assert.Equal("7", dead["tap"]);
        Assert.Matches("^The command is a packet of [0-9]+ bytes; the tap takes 256.$", dead["reason"]);
    }

    [Fact]
    public async Task Many_receipts_reach_a_client_that_takes_small_packets_only()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var (tap, _) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [0x27, 0, 0, 1, 0]));
        using var connection = tap;
        await tap.SendAsync(RawTap.Packet(0x82, [0, 1, 0, .. Filter("taps/7/receipts", 0)]));
        Assert.Equal(0x90, (await tap.ReadAsync())![0]);
        var ids = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToHashSet();
        await bridge.HearsReceiptsAsync();

        await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [.. ids]));

        var missing = new HashSet<Guid>(ids);
        while (missing.Count > 0)
        {
            var publish = (await tap.ReadAsync())!;
            Assert.True(publish.Length <= 256);
            var text = Encoding.UTF8.GetString(publish);
            missing.RemoveWhere(id => text.Contains($"{id}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_wants_no_problem_information_gets_no_reason_strings(bool wanted)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var (tap, _) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, wanted ? [] : [0x17, 0]));
        using var connection = tap;

        await tap.SendAsync(RawTap.Publish(5, 1, 3, "taps/7/pours", """{"volume":5}"""));

        var answer = (await tap.ReadAsync())!;
        Assert.Equal([0x40, 0x99], [answer[0], answer[4]]);
        Assert.Equal(wanted, Encoding.UTF8.GetString(answer).Contains("glass type", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_has_no_more_messages_under_way_than_it_wants()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var (tap, _) = await RawTap.ConnectAsync(bridge.Port, RawTap.Connect5(7, [0x21, 0, 2]));
        using var connection = tap;
        await tap.SendAsync(RawTap.Packet(0x82, [0, 1, 0, .. Filter("taps/7/receipts", 1)]));
        Assert.Equal(0x90, (await tap.ReadAsync())![0]);
        var publisher = bridge.Get<IEnumerable<ITapPublisher>>().First();
        for (var n = 0; n < 5; n++)
        {
            await publisher.SendReceiptAsync(7, new Receipt("7", [Guid.NewGuid()]), CancellationToken.None);
        }

        for (var n = 0; n < 2; n++)
        {
            Assert.Equal(0x32, (await tap.ReadAsync())![0]);
        }

        // The answer to a ping, and no third message, comes before an acknowledgement.
        await tap.SendAsync([0xC0, 0]);
        Assert.Equal(0xD0, (await tap.ReadAsync())![0]);
        for (byte id = 1; id <= 3; id++)
        {
            await tap.SendAsync([0x40, 2, 0, id]);
            Assert.Equal(0x32, (await tap.ReadAsync())![0]);
        }
    }

    private static byte[] Filter(string filter, byte options) => [0, (byte)filter.Length, .. Encoding.UTF8.GetBytes(filter), options];

    private static async Task<HashSet<string>> IdsAsync(TestBridge bridge) => [.. (await bridge.EntriesAsync()).Select(entry => entry["id"])];

    private static byte[] Id(byte[]? packet) => [packet![0], packet[2], packet[3]];
}
