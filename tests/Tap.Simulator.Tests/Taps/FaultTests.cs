using System.Text.Json;
using Mqtt.Bridge.Tests;
using Testing;

namespace Tap.Simulator.Tests;

/// <summary>What each fault does to the messages that a bridge gets.</summary>
[Collection(nameof(RedisCollection))]
public sealed class FaultTests(RedisServer redis)
{
    [Fact]
    public Task A_pour_that_is_sent_twice_comes_twice_with_one_id() =>
        ShowsAsync("SendTwice", entries => entries.GroupBy(entry => entry["id"]).Count(pour => pour.Count() > 1) >= 5);

    [Fact]
    public Task Pours_that_are_held_back_are_overtaken() =>
        ShowsAsync(
            "OutOfOrder",
            entries => entries.GroupBy(entry => entry["tap"]).Any(tap => !IsAscending(tap.Select(entry => MemberOf(entry, "seq").GetInt64())))
        );

    [Fact]
    public Task A_skewed_clock_is_wrong_by_hours_and_the_pour_is_taken_all_the_same() =>
        ShowsAsync(
            "SkewClock",
            entries =>
                entries.Any(entry => (MemberOf(entry, "pouredAt").GetDateTimeOffset() - DateTimeOffset.UtcNow).Duration() > TimeSpan.FromHours(1))
        );

    [Fact]
    public async Task A_clock_that_is_always_wrong_is_wrong_in_every_pour()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, ("Simulator:Faults:ClockSkew", "-2.00:00:00"));

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count >= 10, "pours flow");

        Assert.All(
            await bridge.EntriesAsync(),
            entry =>
                Assert.InRange(
                    DateTimeOffset.UtcNow - MemberOf(entry, "pouredAt").GetDateTimeOffset(),
                    TimeSpan.FromDays(2),
                    TimeSpan.FromDays(2) + TimeSpan.FromMinutes(2)
                )
        );
    }

    [Fact]
    public Task A_pour_that_is_cut_short_is_no_whole_glass() =>
        ShowsAsync("StopMidPour", entries => entries.Any(entry => MemberOf(entry, "volume").GetDecimal() is > 110 and < 235));

    [Fact]
    public async Task A_dropped_connection_costs_no_pour()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, ("Simulator:Faults:DropConnection", "0.3"), ("Simulator:Receipts", "false"));

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]).Count() >= 60, "pours flow");
        await simulator.StopAsync();

        var taps = (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]).GroupBy(entry => entry["tap"]);
        Assert.All(
            taps,
            tap => Assert.True(tap.Select(entry => MemberOf(entry, "seq").GetInt32()).Order().SequenceEqual(Enumerable.Range(1, tap.Count())))
        );
    }

    [Fact]
    public async Task A_corrupt_payload_is_set_aside_and_the_good_one_follows()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, ("Simulator:Faults:Corrupt", "0.3"));

        await Eventually.TrueAsync(
            async () => (await bridge.DeadLettersAsync()).Count >= 5 && (await bridge.EntriesAsync()).Count >= 20,
            "both come"
        );
    }

    private async Task ShowsAsync(string fault, Func<IReadOnlyList<Dictionary<string, string>>, bool> shows)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, ($"Simulator:Faults:{fault}", "0.3"));

        await Eventually.TrueAsync(async () => shows(await bridge.EntriesAsync()), fault);

        Assert.Empty(await bridge.DeadLettersAsync());
    }

    private static bool IsAscending(IEnumerable<long> seqs) => seqs.Zip(seqs.Skip(1)).All(pair => pair.First < pair.Second);

    private static JsonElement MemberOf(Dictionary<string, string> entry, string name) =>
        JsonDocument.Parse(entry["body"]).RootElement.GetProperty(name);
}
