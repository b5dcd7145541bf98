using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mqtt.Bridge.Tests;
using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(RedisCollection))]
public sealed class TapFleetTests(RedisServer redis)
{
    [Fact]
    public async Task Three_taps_pour_and_their_pours_arrive_in_order()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port);

        await Eventually.TrueAsync(async () => (await SeqsAsync(bridge)).Count(tap => tap.Value.Count >= 5) == 3, "three taps pour");
        await simulator.StopAsync();

        var seqs = await SeqsAsync(bridge);
        Assert.Equal(["1", "2", "3"], seqs.Keys.Order());
        Assert.All(seqs.Values, tap => Assert.Equal(Enumerable.Range(1, tap.Count), tap));
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_pour_tells_its_pulses_and_the_odometer_counts_them()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, ("Simulator:Taps", "1"));

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count >= 5, "pours arrive");
        await simulator.StopAsync();

        var odometer = 0L;
        foreach (var entry in (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]))
        {
            var pour = JsonDocument.Parse(entry["body"]).RootElement;
            var pulses = pour.GetProperty("pulses").GetInt64();
            Assert.Equal(Math.Round(pulses * 1_000m / 450, 1), pour.GetProperty("volume").GetDecimal());
            Assert.Equal(odometer += pulses, pour.GetProperty("odometer").GetInt64());
            Assert.InRange(pour.GetProperty("durationMs").GetInt32(), 4_000, 30_000);
        }
    }

    [Fact]
    public async Task Taps_send_readings_of_their_sensors_where_they_are_told_to()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, ("Simulator:ReadingsEvery", "00:00:00.1"));

        await Eventually.TrueAsync(
            async () => (await bridge.EntriesAsync()).Where(IsReading).DistinctBy(entry => entry["tap"]).Count() == 3,
            "each tap sends readings"
        );

        foreach (var entry in (await bridge.EntriesAsync()).Where(IsReading))
        {
            var reading = JsonDocument.Parse(entry["body"]).RootElement;
            Assert.InRange(reading.GetProperty("temperatureC").GetDecimal(), 3, 6);
            Assert.InRange(reading.GetProperty("pressureKPa").GetDecimal(), 75, 95);
            Assert.True(reading.GetProperty("odometer").GetInt64() >= 0);
        }

        Assert.Empty(await bridge.DeadLettersAsync());

        static bool IsReading(Dictionary<string, string> entry) => entry["kind"] == "reading";
    }

    [Fact]
    public async Task A_restart_of_the_bridge_loses_no_pour_and_doubles_none()
    {
        var first = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(first.Port);
        await Eventually.TrueAsync(async () => (await first.EntriesAsync()).Count >= 20, "pours flow");
        await first.DisposeAsync();

        await using var second = await first.RestartAsync();
        var before = (await second.EntriesAsync()).Count;
        await Eventually.TrueAsync(async () => (await second.EntriesAsync()).Count >= before + 30, "pours flow again");
        await simulator.StopAsync();

        // Numbered by the tap, one id for each number: none is missing, none is there under two ids.
        Assert.All((await SeqsAsync(second)).Values, tap => Assert.Equal(Enumerable.Range(1, tap.Count), tap));
    }

    [Fact]
    public async Task An_outage_of_Redis_loses_no_pour_and_doubles_none()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port);
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count >= 20, "pours flow");

        await redis.KillAsync();
        await redis.StartAsync();
        var before = (await bridge.EntriesAsync()).Count;
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count >= before + 30, "pours flow again");
        await simulator.StopAsync();

        Assert.All((await SeqsAsync(bridge)).Values, tap => Assert.Equal(Enumerable.Range(1, tap.Count), tap));
    }

    [Fact]
    public async Task The_fleet_is_degraded_until_its_taps_are_connected()
    {
        var port = LocalServer.FreePort();
        await using var simulator = await Fleet.StartAsync(port);
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(simulator));

        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:Port", port.ToString()));

        await Eventually.TrueAsync(async () => await HealthAsync(simulator) == HealthStatus.Healthy, "the taps connect");
    }

    [Fact]
    public async Task Each_pour_begins_a_trace_that_the_bridge_goes_on_with()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Tap.Simulator" or "Mqtt.Bridge" or "Taproom.Ingest",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port);

        await Eventually.TrueAsync(() => Task.FromResult(Publishes().Count() >= 6), "pours are published");
        await simulator.StopAsync();

        var publishes = Publishes().ToList();
        Assert.Equal(publishes.Count, publishes.DistinctBy(span => span.TraceId).Count());
        var publish = publishes[0];
        Assert.Equal(ActivityKind.Producer, publish.Kind);
        Assert.Equal(
            ("mqtt", "publish", "send", "taps/{tapId}/pours"),
            (
                publish.GetTagItem("messaging.system"),
                publish.GetTagItem("messaging.operation.name"),
                publish.GetTagItem("messaging.operation.type"),
                publish.GetTagItem("messaging.destination.template")
            )
        );
        Assert.Contains(ended, span => span.OperationName == "process taps/{tapId}/pours" && span.ParentSpanId == publish.SpanId);
        Assert.Contains(ended, span => span.OperationName == "send ingest" && span.TraceId == publish.TraceId);

        IEnumerable<Activity> Publishes() =>
            ended.Where(span =>
                span.OperationName == "publish taps/{tapId}/pours" && span.Status == ActivityStatusCode.Unset && span.ParentId is null
            );
    }

    [Fact]
    public async Task Taps_of_MQTT_3_1_1_carry_the_trace_in_the_payload()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Tap.Simulator" or "Mqtt.Bridge" or "Taproom.Ingest",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, ("Simulator:Protocol", "mqtt3.1.1"));

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count >= 5, "pours arrive");
        await simulator.StopAsync();

        Assert.All(
            await bridge.EntriesAsync(),
            entry =>
            {
                var sent = JsonDocument.Parse(entry["body"]).RootElement.GetProperty("traceparent").GetString()!;
                Assert.Equal(ActivityContext.Parse(sent, null).TraceId, ActivityContext.Parse(entry["traceparent"], null).TraceId);
            }
        );
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    private static async Task<HealthStatus> HealthAsync(WebApplication simulator) =>
        (await simulator.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "taps")).Status;

    /// <summary>The pours' numbers by tap, in stream order, each id counted once.</summary>
    private static async Task<Dictionary<string, List<int>>> SeqsAsync(TestBridge bridge) =>
        (await bridge.EntriesAsync())
            .DistinctBy(entry => entry["id"])
            .GroupBy(entry => entry["tap"])
            .ToDictionary(
                tap => tap.Key,
                tap => tap.Select(entry => JsonDocument.Parse(entry["body"]).RootElement.GetProperty("seq").GetInt32()).ToList()
            );
}
