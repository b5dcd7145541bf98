using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Reports that an existing broker has retained, and repeats whenever a bridge joins.</summary>
[Collection(nameof(RedisCollection))]
public sealed class UpstreamRetainedTests(RedisServer redis) : IAsyncLifetime
{
    private const string Event = """{"component":"cooler","environment":"bar 2","email":"a@example.org","message":"door open","data":{}}""";

    private readonly BrokerTaps _taps = new();

    public Task InitializeAsync() => _taps.InitializeAsync();

    public Task DisposeAsync() => _taps.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("taproom")]
    public async Task Retained_reports_count_once_however_often_the_bridge_joins(string share)
    {
        await RetainAsync("pours", """{"volume":473}""");
        await RetainAsync("readings", """{"pulses":5}""");
        await RetainAsync("events", Event);
        var bridge = await _taps.Broker.JoinAsync(redis, "one", ("Mqtt:UpstreamShare", share));
        // Of a shared subscription a broker need not send what it has retained (MQTT 5, section 4.8.2); this one does.
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 3, "they are there");

        for (var join = 2; join <= 3; join++)
        {
            await bridge.DisposeAsync();
            bridge = await bridge.RestartAsync();
            await bridge.JoinedAsync();
            await AfterAsync(bridge, 3 + join - 1);
        }

        Assert.Equal(
            ["event", "pour", "pour", "pour", "reading"],
            (await bridge.EntriesAsync()).Select(entry => entry["kind"]).Order(StringComparer.Ordinal)
        );
        await bridge.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("taproom")]
    public async Task A_retained_pour_that_came_while_the_bridge_was_there_is_not_counted_again_and_the_next_like_it_is(string share)
    {
        var bridge = await _taps.Broker.JoinAsync(redis, "one", ("Mqtt:UpstreamShare", share));
        await RetainAsync("pours", """{"volume":473}""");
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 1, "it is there");
        await bridge.DisposeAsync();
        bridge = await bridge.RestartAsync();
        await bridge.JoinedAsync();
        await AfterAsync(bridge, 2);

        await RetainAsync("pours", """{"volume":473}""");

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 3, "the next one is there");
        Assert.Equal(3, (await bridge.EntriesAsync()).Select(entry => entry["id"]).Distinct().Count());
        await _taps.PublishAsync("taps/7/pours", "", options: "-r");
        await AfterAsync(bridge, 4);
        Assert.Empty(await bridge.DeadLettersAsync());
        await bridge.DisposeAsync();
    }

    private Task RetainAsync(string channel, string body) => _taps.PublishAsync($"taps/7/{channel}", body, options: "-r");

    /// <summary>Publishes a pour that comes after whatever the broker has repeated, and waits for so many entries.</summary>
    private async Task AfterAsync(TestBridge bridge, int entries)
    {
        await _taps.PublishAsync("taps/8/pours", """{"volume":250}""");
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Any(entry => entry["tap"] == "8"), "the later one is there");
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count >= entries, "all are there");
        Assert.Equal(entries, (await bridge.EntriesAsync()).Count);
    }
}
