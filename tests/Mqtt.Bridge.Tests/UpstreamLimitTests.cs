using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>What comes from an existing broker in too great a size or number.</summary>
[Collection(nameof(RedisCollection))]
public sealed class UpstreamLimitTests(RedisServer redis) : IAsyncLifetime
{
    private readonly BrokerTaps _taps = new();

    public Task InitializeAsync() => _taps.InitializeAsync();

    public Task DisposeAsync() => _taps.DisposeAsync();

    [Fact]
    public async Task A_message_that_is_too_large_is_set_aside_or_left_at_the_broker_and_stops_nothing()
    {
        await using var bridge = await _taps.Broker.JoinAsync(redis, "one");

        await _taps.PublishLinesAsync("taps/7/pours", "1", [new string('x', 300_000), new string('y', 100_000), """{"volume":473}"""]);

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 1, "the pour is there");
        var letter = Assert.Single(await bridge.DeadLettersAsync());
        Assert.Equal(
            ("7", "The message has 100012 bytes; 65536 are allowed. Of the payload only the first 1024 bytes are kept."),
            (letter["tap"], letter["reason"])
        );
        Assert.StartsWith("yyy", letter["body"]);
    }

    [Fact]
    public async Task Of_what_cannot_be_stored_QoS_0_is_dropped_beyond_a_bound_and_QoS_1_waits()
    {
        await using var bridge = await _taps.Broker.JoinAsync(redis, "one", ("Ingest:HighWaterMark", "20000"));
        using var log = new LogLines();
        bridge.Get<ILoggerFactory>().AddProvider(log);
        var database = bridge.Get<IConnectionMultiplexer>().GetDatabase();
        await database.ScriptEvaluateAsync(
            "for n = 1, 20000 do redis.call('XADD', KEYS[1], '*', 'id', 'earlier') end",
            [bridge.Keys.StreamKeys()[0]]
        );

        await _taps.PublishLinesAsync("taps/7/readings", "0", Enumerable.Range(0, 4_000).Select(n => $$"""{"pulses":{{n}}}"""));
        await _taps.PublishAsync("taps/7/pours", """{"volume":473}""");
        await Eventually.TrueAsync(() => Task.FromResult(log.Lines.Any(line => line.Contains("those of QoS 0 are dropped"))), "some are dropped");
        await database.KeyDeleteAsync(bridge.Keys.StreamKeys()[0]);

        // In no order: each is tried again in its own time.
        var entries = await Eventually.ValueAsync(
            async () => await bridge.EntriesAsync() is var all && all.DistinctBy(entry => entry["kind"]).Count() == 2 ? all : null,
            "the pour and readings are there"
        );
        Assert.True(entries.Count < 4_001, "All were stored.");
    }
}
