using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class UpstreamTests(RedisServer redis) : IAsyncLifetime
{
    private readonly BrokerTaps _taps = new();

    public Task InitializeAsync() => _taps.InitializeAsync();

    public Task DisposeAsync() => _taps.DisposeAsync();

    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task Pours_at_an_existing_broker_become_entries_and_bad_ones_do_not_stop_them(string version)
    {
        await using var bridge = await JoinAsync("one");

        await PublishAsync(7, "not json", version);
        await PublishAsync(7, """{"volume":473}""", version);
        await PublishAsync(7, """{"pulses":5}""", version, "readings");

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 2, "both good ones are there");
        Assert.Equal(["pour", "reading"], (await bridge.EntriesAsync()).Select(entry => entry["kind"]).Order());
        Assert.All(await bridge.EntriesAsync(), entry => Assert.Equal("7", entry["tap"]));
        Assert.Equal("7", Assert.Single(await bridge.DeadLettersAsync())["tap"]);
    }

    [Fact]
    public async Task A_tap_that_nobody_registered_is_taken_and_a_topic_of_no_tap_is_set_aside()
    {
        await using var bridge = await JoinAsync("one");

        await _taps.PublishAsync("taps/0/pours", """{"volume":473}""");
        await _taps.PublishAsync("taps/seven/readings", """{"pulses":5}""");
        await PublishAsync(4711, """{"volume":473}""");

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 1, "the pour is there");
        Assert.Equal("4711", (await bridge.EntriesAsync())[0]["tap"]);
        Assert.Equal(
            ["No tap publishes to 'taps/0/pours'.", "No tap publishes to 'taps/seven/readings'."],
            (await bridge.DeadLettersAsync()).Select(letter => letter["reason"]).Order()
        );
    }

    [Fact]
    public async Task What_comes_while_the_bridge_is_away_waits_at_the_broker()
    {
        var first = await JoinAsync("one");
        await PublishAsync(7, """{"volume":250}""");
        await Eventually.TrueAsync(async () => (await first.EntriesAsync()).Count == 1, "the first is there");
        await first.DisposeAsync();

        await PublishAsync(7, """{"volume":473}""");
        await _taps.Broker.StopAsync();
        await _taps.Broker.StartAsync();
        await using var second = await first.RestartAsync();

        await Eventually.TrueAsync(async () => (await second.EntriesAsync()).Count == 2, "the second is there");
    }

    [Fact]
    public async Task A_restart_of_the_broker_loses_nothing()
    {
        // Shared subscriptions do not survive a restart of this mosquitto; a plain one does.
        await using var bridge = await JoinAsync("one", share: "");
        for (var n = 0; n < 20; n++)
        {
            await PublishAsync(7, $$"""{"volume":473,"seq":{{n}}}""");
            if (n == 10)
            {
                await _taps.Broker.StopAsync();
                await _taps.Broker.StartAsync();
            }
        }

        await Eventually.TrueAsync(async () => await SeqsAsync(bridge) == 20, "all are there");
    }

    [Fact]
    public async Task After_a_restart_of_the_broker_two_bridges_share_the_load_again()
    {
        await using var one = await JoinAsync("one");
        await using var two = await JoinAsync("two");
        await _taps.Broker.StopAsync();
        foreach (var bridge in (TestBridge[])[one, two])
        {
            await Eventually.TrueAsync(async () => await bridge.HealthAsync("upstream") == HealthStatus.Degraded, "the loss is noticed");
        }

        await _taps.Broker.StartAsync();
        await one.JoinedAsync();
        await two.JoinedAsync();
        for (var n = 0; n < 10; n++)
        {
            await PublishAsync(7, $$"""{"volume":473,"seq":{{n}}}""");
        }

        await Eventually.TrueAsync(async () => await SeqsAsync(one) + await SeqsAsync(two) == 10, "all are there");
        Assert.NotEmpty(await one.EntriesAsync());
        Assert.NotEmpty(await two.EntriesAsync());
    }

    [Fact]
    public async Task What_Redis_does_not_have_is_not_acknowledged_to_the_broker()
    {
        var first = await JoinAsync("one");
        var id = Guid.NewGuid();
        await redis.StopAsync();
        try
        {
            await PublishAsync(7, $$"""{"id":"{{id}}","volume":473}""");
            await first.DisposeAsync();
        }
        finally
        {
            await redis.StartAsync();
        }

        await using var second = await first.RestartAsync();
        await Eventually.TrueAsync(async () => (await second.EntriesAsync()).Any(entry => entry["id"] == id.ToString()), "the broker sends it again");
    }

    [Fact]
    public async Task Two_bridges_share_the_load_and_each_message_is_taken_once()
    {
        await using var one = await JoinAsync("one");
        await using var two = await JoinAsync("two");
        await _taps.PublishLinesAsync("taps/7/pours", "1", Enumerable.Range(0, 200).Select(n => $$"""{"volume":473,"seq":{{n}}}"""));

        await Eventually.TrueAsync(async () => (await one.EntriesAsync()).Count + (await two.EntriesAsync()).Count >= 200, "all are there");
        Assert.Equal(200, await SeqsAsync(one) + await SeqsAsync(two));
        Assert.NotEmpty(await one.EntriesAsync());
        Assert.NotEmpty(await two.EntriesAsync());
    }

    [Fact]
    public async Task The_receipt_of_a_pour_goes_back_through_the_broker()
    {
        await using var bridge = await JoinAsync("one");
        var id = Guid.NewGuid();
        await PublishAsync(7, $$"""{"id":"{{id}}","volume":473}""");
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 1, "the pour is there");
        var tap = _taps.Listen("taps/7/receipts", "-V", "5", "-q", "1", "-C", "1");
        await Eventually.TrueAsync(
            async () =>
            {
                await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [id, Guid.NewGuid()]));
                return tap.HasExited;
            },
            "mosquitto_sub has a receipt"
        );

        Assert.Equal($$"""{"ids":["{{id}}"]}""", (await tap.StandardOutput.ReadToEndAsync()).Trim());
    }

    private Task<TestBridge> JoinAsync(string clientId, string share = "taproom") =>
        _taps.Broker.JoinAsync(redis, clientId, ("Mqtt:UpstreamShare", share));

    private Task PublishAsync(int tap, string body, string version = "5", string channel = "pours") =>
        _taps.PublishAsync($"taps/{tap}/{channel}", body, version);

    private static async Task<int> SeqsAsync(TestBridge bridge) =>
        (await bridge.EntriesAsync()).Select(entry => JsonDocument.Parse(entry["body"]).RootElement.GetProperty("seq").GetInt32()).Distinct().Count();
}
