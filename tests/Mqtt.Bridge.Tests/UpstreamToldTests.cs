using System.Text.Json;
using Mqtt.Bridge.Upstream;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Store;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>What taps behind an existing broker are told: commands and notices.</summary>
[Collection(nameof(RedisCollection))]
public sealed class UpstreamToldTests(RedisServer redis) : IAsyncLifetime
{
    private readonly BrokerTaps _taps = new();

    public Task InitializeAsync() => _taps.InitializeAsync();

    public Task DisposeAsync() => _taps.DisposeAsync();

    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task A_command_waits_until_the_tap_is_online_at_the_broker(string version)
    {
        await using var bridge = await _taps.Broker.JoinAsync(redis, "one");
        var commands = bridge.Get<TapCommands>();
        await commands.QueueAsync(7, """{"command":"clean","id":1}""");
        await commands.QueueAsync(7, """{"command":"close","id":2}""");
        await commands.QueueAsync(8, """{"command":"open","id":3}""");
        var tap = _taps.Listen("taps/7/commands", "-V", version, "-q", "1", "-i", "tap-7", "-C", "2");

        // A tap subscribes before it says that it is online; nobody else knows when mosquitto_sub has.
        await Eventually.TrueAsync(
            async () =>
            {
                await _taps.SayAsync(7, "online");
                return tap.HasExited;
            },
            "the tap has both"
        );

        Assert.Equal("{\"command\":\"clean\",\"id\":1}\n{\"command\":\"close\",\"id\":2}\n", await tap.StandardOutput.ReadToEndAsync());
        await Eventually.TrueAsync(async () => (await commands.WaitingAsync(7)).Count == 0, "nothing waits any more");
        Assert.Single(await commands.WaitingAsync(8));
    }

    [Fact]
    public async Task A_command_that_nobody_at_the_broker_subscribes_to_goes_on_waiting()
    {
        await using var bridge = await _taps.Broker.JoinAsync(redis, "one");
        var commands = bridge.Get<TapCommands>();
        var tap = _taps.Listen("taps/8/commands", "-V", "5", "-q", "1", "-i", "tap-8");
        await BrokerTaps.HeardAsync(tap, () => _taps.PublishAsync("taps/8/commands", "probe"));
        await _taps.SayAsync(7, "online");
        await _taps.SayAsync(8, "online");
        await bridge.OnlineAsync(7, 8);

        await commands.QueueAsync(7, """{"command":"clean"}""");
        await commands.QueueAsync(8, """{"command":"clean"}""");

        await Eventually.TrueAsync(async () => (await commands.WaitingAsync(8)).Count == 0, "the later one was sent");
        Assert.Single(await commands.WaitingAsync(7));
    }

    [Fact]
    public async Task With_two_bridges_at_a_broker_a_tap_hears_each_command_and_each_notice_once()
    {
        var (one, two) = await _taps.Broker.JoinTwoAsync(redis);
        await using var first = one;
        await using var second = two;
        var leader = await UpstreamBridges.LeaderOfAsync(one, two);
        var tap = _taps.Listen("taps/7/commands", "-t", "notices/#", "-V", "5", "-q", "1", "-i", "tap-7", "-F", "%t %p");
        await _taps.SayAsync(7, "online");
        await leader.OnlineAsync(7);
        await BrokerTaps.HeardAsync(tap, () => _taps.PublishAsync("taps/8/pours", """{"volume":250}"""));

        var ids = Enumerable.Range(0, 10).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in ids)
        {
            await one.Get<TapCommands>().QueueAsync(7, $$"""{"command":"blink","id":"{{id}}"}""");
            await _taps.PublishAsync("taps/7/pours", $$"""{"id":"{{id}}","volume":473}""");
        }

        await Eventually.TrueAsync(async () => (await one.Get<TapCommands>().WaitingAsync(7)).Count == 0, "no command waits");
        await one.Get<ShareReports>().PublishAsync(new SharesReport([(7, 20)]));
        var heard = new List<string>();
        while (!heard.Contains("""notices/report {"tap 7":"100.0%","total beers":20}""") || heard.Count(IsOurs) < 20)
        {
            heard.Add((await tap.StandardOutput.ReadLineAsync(BrokerTaps.Deadline()))!);
        }

        Assert.Equal(ids, heard.Where(line => line.StartsWith("taps/7/commands ")).Select(IdOf));
        Assert.Equal(ids.Order(), heard.Where(line => line.StartsWith("notices/pours ") && IsOurs(line)).Select(IdOf).Order());
        Assert.All(heard.Where(line => line.StartsWith("notices/pours ") && IsOurs(line)), line => Assert.Contains("\"tapId\":7,", line));

        bool IsOurs(string line) => !line.StartsWith("notices/report ") && ids.Contains(IdOf(line));
    }

    [Fact]
    public async Task When_the_bridge_that_leads_leaves_the_other_one_goes_on()
    {
        var (one, two) = await _taps.Broker.JoinTwoAsync(redis);
        await using var first = one;
        await using var second = two;
        var leader = await UpstreamBridges.LeaderOfAsync(one, two);
        var other = leader == one ? two : one;
        var tap = _taps.Listen("taps/7/commands", "-V", "5", "-q", "1", "-i", "tap-7", "-C", "1");
        await _taps.SayAsync(7, "online");
        await leader.OnlineAsync(7);

        await leader.StopAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await other.Get<TapCommands>().QueueAsync(7, """{"command":"blink"}""");
                return tap.HasExited;
            },
            "the tap has a command"
        );

        Assert.True(other.Get<UpstreamLead>().IsOurs);
        await other.OnlineAsync(7);
    }

    [Fact]
    public async Task A_bridge_does_not_lead_until_the_lease_of_another_one_that_is_gone_has_ended()
    {
        await using var bridge = await _taps.Broker.StartBridgeAsync(redis, "one");
        var lease = $"{bridge.Keys.UpstreamKey}:127.0.0.1:{_taps.Broker.Port}";
        var database = bridge.Get<IConnectionMultiplexer>().GetDatabase();
        await using var second = await bridge.StartBesideAsync(("Mqtt:UpstreamClientId", "two"));
        await bridge.JoinedAsync();
        await second.JoinedAsync();
        var leader = await UpstreamBridges.LeaderOfAsync(bridge, second);
        Assert.InRange((await database.KeyTimeToLiveAsync(lease))!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));

        // As if it were another's from now on.
        await database.StringSetAsync(lease, "of a bridge that was killed");

        await Eventually.TrueAsync(() => Task.FromResult(!leader.Get<UpstreamLead>().IsOurs), "nobody leads");
        Assert.False(bridge.Get<UpstreamLead>().IsOurs || second.Get<UpstreamLead>().IsOurs);
        await database.KeyDeleteAsync(lease);
        await UpstreamBridges.LeaderOfAsync(bridge, second);
    }

    private static Guid IdOf(string line) => JsonDocument.Parse(line[line.IndexOf('{')..]).RootElement.GetProperty("id").GetGuid();
}
