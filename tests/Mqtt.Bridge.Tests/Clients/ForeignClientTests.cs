using Mqtt.Bridge.Outbound;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Store;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests.Clients;

/// <summary>What a tap is promised, seen through clients that nobody here wrote.</summary>
[Collection(nameof(RedisCollection))]
public sealed class ForeignClientTests(RedisServer redis, ForeignClients clients) : IClassFixture<ForeignClients>
{
    private const string Pour = """{"volume":473,"seq":1}""";

    private static readonly string Seven = TapTokens.Create(7);
    private static readonly string Eight = TapTokens.Create(8);

    [Theory, MemberData(nameof(ForeignClients.Names), MemberType = typeof(ForeignClients))]
    public async Task A_tap_gets_in_with_its_token_and_everybody_else_learns_why_not(string name)
    {
        var client = clients[name];
        var notAuthorized = client.Code(0x87, 5);
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"), ("Mqtt:MaxRefusalsPerSecond", "1000"));

        Assert.Equal(client.Code(0x88, 3), await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", Pour));
        await RegisterAsync(bridge);

        Assert.Equal(0, await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", Pour));
        Assert.Equal(notAuthorized, await client.PublishAsync(bridge, "7", Eight, "taps/7/pours", Pour));
        Assert.Equal(notAuthorized, await client.PublishAsync(bridge, "7", "", "taps/7/pours", Pour));
        Assert.Equal(notAuthorized, await client.PublishAsync(bridge, "9", TapTokens.Create(9), "taps/9/pours", Pour));
        Assert.Equal(notAuthorized, await client.PublishAsync(bridge, "bar", Seven, "taps/7/pours", Pour));
        Assert.Equal("7", Assert.Single(await bridge.EntriesAsync())["tap"]);
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Theory, MemberData(nameof(ForeignClients.Names), MemberType = typeof(ForeignClients))]
    public async Task A_pour_of_every_quality_of_service_becomes_an_entry(string name)
    {
        var client = clients[name];
        await using var bridge = await StartAsync();
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        Assert.Equal(0, await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", Pour, qos: 1));
        Assert.Single(await bridge.EntriesAsync());
        Assert.Equal(0, await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", Pour, qos: 2));
        Assert.Equal(2, (await bridge.EntriesAsync()).Count);
        Assert.Equal(0, await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", Pour, qos: 0));
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 3, "the pour without acknowledgement arrives");

        Assert.All(
            await bridge.EntriesAsync(),
            entry =>
            {
                Assert.Equal(("pour", "7", Pour), (entry["kind"], entry["tap"], entry["body"]));
                Assert.Equal(7, Guid.Parse(entry["id"]).Version);
                Assert.InRange(long.Parse(entry["at"]), before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            }
        );
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Theory, MemberData(nameof(ForeignClients.Names), MemberType = typeof(ForeignClients))]
    public async Task A_bad_pour_is_set_aside_and_MQTT_5_says_so(string name)
    {
        var client = clients[name];
        await using var bridge = await StartAsync();

        Assert.Equal(Told(client, 0x99), await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", """{"volume":4730}"""));
        Assert.Equal(0, await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", Pour));

        Assert.Equal("There is no glass type for the specified volume", Assert.Single(await bridge.DeadLettersAsync())["reason"]);
        Assert.Single(await bridge.EntriesAsync());
    }

    [Theory, MemberData(nameof(ForeignClients.Names), MemberType = typeof(ForeignClients))]
    public async Task The_status_of_a_tap_is_retained_and_its_will_is_told_when_its_socket_goes(string name)
    {
        var client = clients[name];
        await using var bridge = await StartAsync();
        using var tap = client.Listen(bridge, "7", Seven, "taps/7/receipts", will: "taps/7/status");
        Assert.Equal(0, await tap.AnsweredAsync());
        Assert.Equal(0, await client.PublishAsync(bridge, "7", Seven, "taps/7/status", "online", retain: true));

        using var listener = client.Listen(bridge, "7", Seven, "taps/7/status", clientId: "listener");
        await HeardAsync(listener, 1);
        tap.Dispose();
        await HeardAsync(listener, 2);
        using var late = client.Listen(bridge, "7", Seven, "taps/7/status", clientId: "late");
        await HeardAsync(late, 1);

        Assert.Equal(
            [new("taps/7/status", "online", Retained: true), new ForeignMessage("taps/7/status", "offline", Retained: false)],
            listener.Messages
        );
        Assert.Equal(new ForeignMessage("taps/7/status", "offline", Retained: true), Assert.Single(late.Messages));
        Assert.Empty(tap.Messages);
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Theory, MemberData(nameof(ForeignClients.Names), MemberType = typeof(ForeignClients))]
    public async Task A_tap_hears_its_receipts_and_no_others(string name)
    {
        var client = clients[name];
        await using var bridge = await StartAsync();
        using var tap = client.Listen(bridge, "7", Seven, "taps/7/#");
        Assert.Equal(0, await tap.AnsweredAsync());
        var ids = Enumerable.Range(0, 2 * ReceiptRelay.MaxIds).Select(_ => $"{Guid.NewGuid()}").ToHashSet();

        // A receipt that the bridge does not hear yet is lost, as the contract has it.
        await Eventually.TrueAsync(
            async () =>
            {
                await bridge.Get<Receipts>().PublishAsync(new Receipt("8", [Guid.NewGuid()]));
                await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [.. ids.SelectMany(id => (Guid[])[Guid.Parse(id), Guid.Parse(id)])]));
                return ids.IsSubsetOf(tap.Messages.SelectMany(message => message.Ids));
            },
            "the tap has its receipts"
        );

        Assert.All(
            tap.Messages,
            message =>
            {
                Assert.Equal(("taps/7/receipts", false), (message.Topic, message.Retained));
                Assert.InRange(message.Ids.Length, 1, ReceiptRelay.MaxIds);
                Assert.Distinct(message.Ids);
                Assert.Subset(ids, message.Ids.ToHashSet());
            }
        );
    }

    [Theory, MemberData(nameof(ForeignClients.Names), MemberType = typeof(ForeignClients))]
    public async Task A_tap_is_told_of_the_pours_of_others_and_of_its_share_and_never_of_its_own_pours(string name)
    {
        var client = clients[name];
        await using var bridge = await StartAsync();
        using var seven = client.Listen(bridge, "7", Seven, "notices/#");
        using var eight = client.Listen(bridge, "8", Eight, "notices/pours");
        Assert.Equal((0, 0), (await seven.AnsweredAsync(), await eight.AnsweredAsync()));
        var beers = 0;

        // The bridge follows the stream from some moment after its start, so pours and reports go on until they are heard.
        await Eventually.TrueAsync(
            async () =>
            {
                beers += 10;
                await bridge.Get<ShareReports>().PublishAsync(new SharesReport([(7, beers), (8, beers)]));
                await client.PublishAsync(bridge, "7", Seven, "taps/7/pours", """{"volume":250,"pouredAt":"2026-03-01T20:00:00+01:00"}""");
                await client.PublishAsync(bridge, "8", Eight, "taps/8/pours", """{"volume":473.5}""");
                return seven.Messages.DistinctBy(message => message.Topic).Count() == 2 && eight.Messages.Count > 0;
            },
            "both have heard"
        );

        Assert.All(
            seven.Messages.Where(message => message.Topic == "notices/pours"),
            message => Assert.Matches("""^\{"id":"[-0-9a-f]{36}","tapId":8,"type":"pint","volume":473\.5,"pouredAt":""", message.Payload)
        );
        Assert.All(
            eight.Messages,
            message =>
                Assert.Matches(
                    """^\{"id":"[-0-9a-f]{36}","tapId":7,"type":"half","volume":250,"pouredAt":"2026-03-01T19:00:00Z"\}$""",
                    message.Payload
                )
        );
        Assert.All(
            seven.Messages.Where(message => message.Topic == "notices/report"),
            message => Assert.Equal("50.0%", message.Json.GetProperty("tap 7").GetString())
        );
    }

    [Theory, MemberData(nameof(ForeignClients.Names), MemberType = typeof(ForeignClients))]
    public async Task A_tap_neither_speaks_nor_listens_nor_comes_as_another(string name)
    {
        var client = clients[name];
        await using var bridge = await StartAsync();
        using var tap = client.Listen(bridge, "7", Seven, "taps/7/#", clientId: "tap-7");
        Assert.Equal(0, await tap.AnsweredAsync());

        foreach (var channel in (string[])["pours", "status", "receipts"])
        {
            Assert.Equal(Told(client, 0x87), await client.PublishAsync(bridge, "8", Eight, $"taps/7/{channel}", Pour));
        }

        foreach (var filter in (string[])["taps/7/receipts", "taps/+/receipts", "#"])
        {
            using var listener = client.Listen(bridge, "8", Eight, filter);
            Assert.Equal(client.Code(0x87, 0x80), await listener.AnsweredAsync());
        }

        Assert.Equal(client.Code(0x85, 2), await client.PublishAsync(bridge, "8", Eight, "taps/8/pours", Pour, clientId: "tap-7"));
        using var poser = client.Listen(bridge, "8", Eight, "taps/8/receipts", will: "taps/7/status");
        Assert.Equal(0, await poser.AnsweredAsync());
        poser.Dispose();
        await Eventually.TrueAsync(async () => (await bridge.DeadLettersAsync()).Count == 4, "the will is set aside, too");
        Assert.All(await bridge.DeadLettersAsync(), letter => Assert.Equal("8", letter["tap"]));
        Assert.Empty(tap.Messages);
        Assert.Empty(await bridge.EntriesAsync());
    }

    private async Task<TestBridge> StartAsync()
    {
        var bridge = await TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"));
        await RegisterAsync(bridge);
        return bridge;
    }

    private static Task RegisterAsync(TestBridge bridge) =>
        bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(Seven), [8] = TapTokens.Hash(Eight) });

    private static async Task HeardAsync(ForeignConnection listener, int messages)
    {
        Assert.Equal(0, await listener.AnsweredAsync());
        await Eventually.TrueAsync(() => Task.FromResult(listener.Messages.Count >= messages), $"the listener has {messages} messages");
    }

    /// <summary>The code that a publisher sees: none with MQTT 3.1.1, nor with Debian's paho, which reads it and tells nobody.</summary>
    private static int Told(ForeignClient client, int code) => client.Name is "mosquitto 5" or "MQTT.js 5" ? code : 0;
}
