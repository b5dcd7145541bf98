using Mqtt.Bridge.Upstream;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Which taps behind an existing broker are online.</summary>
[Collection(nameof(RedisCollection))]
public sealed class UpstreamStatusTests(RedisServer redis) : IAsyncLifetime
{
    private readonly BrokerTaps _taps = new();

    public Task InitializeAsync() => _taps.InitializeAsync();

    public Task DisposeAsync() => _taps.DisposeAsync();

    [Fact]
    public async Task A_tap_is_online_by_the_status_that_the_broker_had_retained_before_the_bridge_came()
    {
        await _taps.SayAsync(7, "online");
        await _taps.SayAsync(8, "offline");

        await using var bridge = await _taps.Broker.JoinAsync(redis, "one");

        await bridge.OnlineAsync(7);
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task The_will_of_a_tap_sets_it_offline(string version)
    {
        await using var bridge = await _taps.Broker.JoinAsync(redis, "one");
        var tap = _taps.Listen(
            "taps/7/receipts",
            "-V",
            version,
            "-i",
            "tap-7",
            "--will-topic",
            "taps/7/status",
            "--will-payload",
            "offline",
            "--will-qos",
            "1",
            "--will-retain"
        );
        await BrokerTaps.HeardAsync(tap, () => _taps.PublishAsync("taps/7/receipts", "probe"));
        await _taps.SayAsync(7, "online");
        await bridge.OnlineAsync(7);

        tap.Kill();

        await bridge.OnlineAsync();
    }

    [Fact]
    public async Task A_status_that_is_deleted_at_the_broker_sets_the_tap_offline()
    {
        await _taps.SayAsync(7, "online");
        await using var bridge = await _taps.Broker.JoinAsync(redis, "one");
        await bridge.OnlineAsync(7);

        await _taps.SayAsync(7, "");

        await bridge.OnlineAsync();
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_status_that_is_none_is_set_aside_once_although_every_bridge_hears_it()
    {
        var (one, two) = await _taps.Broker.JoinTwoAsync(redis);
        await UpstreamBridges.LeaderOfAsync(one, two);

        await _taps.SayAsync(7, "asleep");
        await _taps.PublishAsync("taps/seven/status", "online");
        await Eventually.TrueAsync(async () => (await one.DeadLettersAsync()).Count >= 2, "both are set aside");
        await one.DisposeAsync();
        await two.DisposeAsync();

        // It is retained, so whoever joins hears it again.
        await using var third = await one.RestartAsync();
        await third.JoinedAsync();
        await Eventually.TrueAsync(() => Task.FromResult(third.Get<UpstreamLead>().IsOurs), "the third leads");
        await _taps.SayAsync(8, "online");
        await third.OnlineAsync(8);
        Assert.Equal(
            ["No tap publishes to 'taps/seven/status'.", "The status of a tap must be 'online' or 'offline'."],
            (await third.DeadLettersAsync()).Select(letter => letter["reason"]).Order()
        );
    }
}
