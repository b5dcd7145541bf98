using System.Diagnostics;
using System.Text.Json;
using Taproom.Bridge.Upstream;
using Taproom.Ingest;
using Taproom.Store;
using Taproom.Taps;
using Taproom.Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Taps behind an existing broker, played by mosquitto's own clients: what they say of themselves, and what they are told.</summary>
[Collection(nameof(RedisCollection))]
public sealed class UpstreamTapsTests(RedisServer redis) : IAsyncLifetime
{
    private readonly MosquittoBroker _broker = new();
    private readonly List<Process> _listeners = [];

    public Task InitializeAsync() => _broker.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            listener.Kill();
            listener.Dispose();
        }

        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_tap_is_online_by_the_status_that_the_broker_had_retained_before_the_bridge_came()
    {
        await SayAsync(7, "online");
        await SayAsync(8, "offline");

        await using var bridge = await _broker.JoinAsync(redis, "one");

        await OnlineAsync(bridge, 7);
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task The_will_of_a_tap_sets_it_offline(string version)
    {
        await using var bridge = await _broker.JoinAsync(redis, "one");
        var tap = Listen(
            "taps/7/receipts", "-V", version, "-i", "tap-7",
            "--will-topic", "taps/7/status", "--will-payload", "offline", "--will-qos", "1", "--will-retain");
        await HeardAsync(tap, () => PublishAsync("taps/7/receipts", "probe"));
        await SayAsync(7, "online");
        await OnlineAsync(bridge, 7);

        tap.Kill();

        await OnlineAsync(bridge);
    }

    [Fact]
    public async Task A_status_that_is_deleted_at_the_broker_sets_the_tap_offline()
    {
        await SayAsync(7, "online");
        await using var bridge = await _broker.JoinAsync(redis, "one");
        await OnlineAsync(bridge, 7);

        await SayAsync(7, "");

        await OnlineAsync(bridge);
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_status_that_is_none_is_set_aside_once_although_every_bridge_hears_it()
    {
        var (one, two) = await JoinTwoAsync();
        await LeaderOfAsync(one, two);

        await SayAsync(7, "asleep");
        await PublishAsync("taps/seven/status", "online");
        await Eventually.TrueAsync(async () => (await one.DeadLettersAsync()).Count >= 2, "both are set aside");
        await one.DisposeAsync();
        await two.DisposeAsync();

        // It is retained, so whoever joins hears it again.
        await using var third = await one.RestartAsync();
        await third.JoinedAsync();
        await Eventually.TrueAsync(() => Task.FromResult(third.Get<UpstreamLead>().IsOurs), "the third leads");
        await SayAsync(8, "online");
        await OnlineAsync(third, 8);
        Assert.Equal(
            ["No tap publishes to 'taps/seven/status'.", "The status of a tap must be 'online' or 'offline'."],
            (await third.DeadLettersAsync()).Select(letter => letter["reason"]).Order());
    }

    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task A_command_waits_until_the_tap_is_online_at_the_broker(string version)
    {
        await using var bridge = await _broker.JoinAsync(redis, "one");
        var commands = bridge.Get<TapCommands>();
        await commands.QueueAsync(7, """{"command":"clean","id":1}""");
        await commands.QueueAsync(7, """{"command":"close","id":2}""");
        await commands.QueueAsync(8, """{"command":"open","id":3}""");
        var tap = Listen("taps/7/commands", "-V", version, "-q", "1", "-i", "tap-7", "-C", "2");

        // A tap subscribes before it says that it is online; nobody else knows when mosquitto_sub has.
        await Eventually.TrueAsync(
            async () =>
            {
                await SayAsync(7, "online");
                return tap.HasExited;
            },
            "the tap has both");

        Assert.Equal(
            "{\"command\":\"clean\",\"id\":1}\n{\"command\":\"close\",\"id\":2}\n", await tap.StandardOutput.ReadToEndAsync());
        await Eventually.TrueAsync(async () => (await commands.WaitingAsync(7)).Count == 0, "nothing waits any more");
        Assert.Single(await commands.WaitingAsync(8));
    }

    [Fact]
    public async Task A_command_that_nobody_at_the_broker_subscribes_to_goes_on_waiting()
    {
        await using var bridge = await _broker.JoinAsync(redis, "one");
        var commands = bridge.Get<TapCommands>();
        var tap = Listen("taps/8/commands", "-V", "5", "-q", "1", "-i", "tap-8");
        await HeardAsync(tap, () => PublishAsync("taps/8/commands", "probe"));
        await SayAsync(7, "online");
        await SayAsync(8, "online");
        await OnlineAsync(bridge, 7, 8);

        await commands.QueueAsync(7, """{"command":"clean"}""");
        await commands.QueueAsync(8, """{"command":"clean"}""");

        await Eventually.TrueAsync(async () => (await commands.WaitingAsync(8)).Count == 0, "the later one was sent");
        Assert.Single(await commands.WaitingAsync(7));
    }

    [Fact]
    public async Task With_two_bridges_at_a_broker_a_tap_hears_each_command_and_each_notice_once()
    {
        var (one, two) = await JoinTwoAsync();
        await using var first = one;
        await using var second = two;
        var leader = await LeaderOfAsync(one, two);
        var tap = Listen("taps/7/commands", "-t", "notices/#", "-V", "5", "-q", "1", "-i", "tap-7", "-F", "%t %p");
        await SayAsync(7, "online");
        await OnlineAsync(leader, 7);
        await HeardAsync(tap, () => PublishAsync("taps/8/pours", """{"volume":250}"""));

        var ids = Enumerable.Range(0, 10).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in ids)
        {
            await one.Get<TapCommands>().QueueAsync(7, $$"""{"command":"blink","id":"{{id}}"}""");
            await PublishAsync("taps/7/pours", $$"""{"id":"{{id}}","volume":473}""");
        }

        await Eventually.TrueAsync(async () => (await one.Get<TapCommands>().WaitingAsync(7)).Count == 0, "no command waits");
        await one.Get<Reports>().PublishAsync(new SharesReport([(7, 20)]));
        var heard = new List<string>();
        while (!heard.Contains("""notices/report {"tap 7":"100.0%","total beers":20}""") || heard.Count(IsOurs) < 20)
        {
            heard.Add((await tap.StandardOutput.ReadLineAsync(Deadline()))!);
        }

        Assert.Equal(ids, heard.Where(line => line.StartsWith("taps/7/commands ")).Select(IdOf));
        Assert.Equal(ids.Order(), heard.Where(line => line.StartsWith("notices/pours ") && IsOurs(line)).Select(IdOf).Order());
        Assert.All(heard.Where(line => line.StartsWith("notices/pours ") && IsOurs(line)), line => Assert.Contains("\"tapId\":7,", line));

        bool IsOurs(string line) => !line.StartsWith("notices/report ") && ids.Contains(IdOf(line));
    }

    [Fact]
    public async Task When_the_bridge_that_leads_leaves_the_other_one_goes_on()
    {
        var (one, two) = await JoinTwoAsync();
        await using var first = one;
        await using var second = two;
        var leader = await LeaderOfAsync(one, two);
        var other = leader == one ? two : one;
        var tap = Listen("taps/7/commands", "-V", "5", "-q", "1", "-i", "tap-7", "-C", "1");
        await SayAsync(7, "online");
        await OnlineAsync(leader, 7);

        await leader.StopAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await other.Get<TapCommands>().QueueAsync(7, """{"command":"blink"}""");
                return tap.HasExited;
            },
            "the tap has a command");

        Assert.True(other.Get<UpstreamLead>().IsOurs);
        await OnlineAsync(other, 7);
    }

    private async Task<(TestBridge One, TestBridge Two)> JoinTwoAsync()
    {
        var one = await _broker.JoinAsync(redis, "one");
        return (one, await one.JoinBesideAsync("two"));
    }

    private static Task<TestBridge> LeaderOfAsync(params TestBridge[] bridges) => Eventually.ValueAsync(
        () => Task.FromResult(bridges.SingleOrDefault(bridge => bridge.Get<UpstreamLead>().IsOurs)), "one of the bridges leads");

    private static Task OnlineAsync(TestBridge bridge, params int[] taps) => Eventually.TrueAsync(
        async () => (await bridge.Get<TapPresence>().OnlineAsync([7, 8])).SetEquals(taps), $"online are: {string.Join(", ", taps)}");

    private Process Listen(string topic, params string[] options)
    {
        var listener = Mosquitto.Subscribe(_broker.Port, topic, options);
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>Does something again and again until a listener has heard of it.</summary>
    private static async Task HeardAsync(Process listener, Func<Task> again)
    {
        var line = listener.StandardOutput.ReadLineAsync(Deadline()).AsTask();
        await Eventually.TrueAsync(
            async () =>
            {
                await again();
                return line.IsCompleted;
            },
            "mosquitto_sub hears");
        Assert.NotNull(await line);
    }

    private Task SayAsync(int tap, string status) => PublishAsync($"taps/{tap}/status", status, "-r");

    private async Task PublishAsync(string topic, string payload, params string[] options)
    {
        var (exitCode, output) = await Mosquitto.PublishAsync(_broker.Port, topic, payload, ["-V", "5", "-q", "1", .. options]);
        Assert.True(exitCode == 0, output);
    }

    private static Guid IdOf(string line) => JsonDocument.Parse(line[line.IndexOf('{')..]).RootElement.GetProperty("id").GetGuid();

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;
}
