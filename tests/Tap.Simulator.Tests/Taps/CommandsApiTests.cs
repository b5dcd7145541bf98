using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Mqtt.Bridge.Tests;
using Testing;

namespace Tap.Simulator.Tests;

/// <summary>What the AppHost's commands ask of a simulator.</summary>
[Collection(nameof(RedisCollection))]
public sealed class CommandsApiTests(RedisServer redis)
{
    // Between two pours of their own the taps do nothing for a day.
    private static readonly (string, string)[] Idle = [("Simulator:MaxPause", "1.00:00:00"), ("Simulator:MinPause", "1.00:00:00")];

    [Theory]
    [InlineData("?count=8", 8)]
    [InlineData("", 100)]
    public async Task Pour_pours_glasses_at_once_and_they_arrive_in_order(string query, int expected)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, Idle);

        Assert.Equal((HttpStatusCode.OK, $"The taps have poured {expected} glasses."), await PostAsync(simulator, $"pour{query}"));

        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == expected, "all arrive");
        Assert.All(
            (await bridge.EntriesAsync()).GroupBy(entry => entry["tap"]),
            tap =>
                Assert.Equal(
                    Enumerable.Range(1, tap.Count()),
                    tap.Select(entry => JsonDocument.Parse(entry["body"]).RootElement.GetProperty("seq").GetInt32())
                )
        );
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1001")]
    [InlineData("many")]
    [InlineData("")]
    public async Task A_wrong_count_is_a_problem_that_names_it(string count)
    {
        await using var simulator = await Fleet.StartAsync(LocalServer.FreePort(), Idle);

        var (status, problem) = await PostAsync(simulator, $"pour?count={count}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("count must be a whole number, 1 to 1000.", JsonDocument.Parse(problem).RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Taps_that_may_keep_no_more_pour_no_more_and_say_so()
    {
        await using var simulator = await Fleet.StartAsync(LocalServer.FreePort(), [.. Idle, ("Simulator:MaxUnsent", "2")]);

        Assert.Equal(
            (HttpStatusCode.OK, "The taps have poured 6 glasses of 10: they keep no more pours without a receipt."),
            await PostAsync(simulator, "pour?count=10")
        );
    }

    [Fact]
    public async Task Without_taps_there_is_nothing_to_pour()
    {
        await using var simulator = await Fleet.StartAsync(LocalServer.FreePort(), ("Simulator:Taps", "0"));

        foreach (var command in (string[])["pour", "rush-hour"])
        {
            var (status, problem) = await PostAsync(simulator, command);

            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Equal("This simulator has no taps.", JsonDocument.Parse(problem).RootElement.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task A_rush_hour_is_announced()
    {
        await using var simulator = await Fleet.StartAsync(LocalServer.FreePort(), Idle);

        Assert.Equal((HttpStatusCode.OK, "The taps pour 10 times as fast for 60 seconds."), await PostAsync(simulator, "rush-hour"));
    }

    [Fact]
    public async Task Broken_connections_come_back_and_no_pour_is_lost()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var simulator = await Fleet.StartAsync(bridge.Port, Idle);
        await PostAsync(simulator, "pour?count=9");
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 9, "the taps are connected");

        Assert.Equal(
            (HttpStatusCode.OK, "3 of 3 connections were broken; the taps connect again by themselves."),
            await PostAsync(simulator, "break-connections")
        );

        await PostAsync(simulator, "pour?count=9");
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]).Count() == 18, "all are there");
    }

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(WebApplication simulator, string command)
    {
        using var http = new HttpClient { BaseAddress = new Uri(simulator.Urls.Single()) };
        using var answer = await http.PostAsync($"/commands/{command}", content: null);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
