using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Ingest.Api.Meters;
using Microsoft.Extensions.DependencyInjection;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class MeterPollerTests(Servers servers)
{
    [Fact]
    public async Task Slow_meters_and_one_that_hangs_delay_no_other_and_two_replicas_poll_each_once()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers);
        await using var replica = api.Sibling();
        // A few at a time: all at once are more than a busy machine answers in the time that a call has.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 100),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (n, _) => (await upstream.RegisterAsync(api, $"{n:000}")).Dispose()
        );
        await upstream.RegisterAsync(api, "idle", active: false);
        upstream.Delay = id => id == "050" ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(3);

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            api.Services.GetRequiredService<MeterPoller>().PollAllAsync(CancellationToken.None),
            replica.Services.GetRequiredService<MeterPoller>().PollAllAsync(CancellationToken.None)
        );

        // The pollers' own first turn may have taken some of them.
        await Eventually.TrueAsync(
            () => Task.FromResult(upstream.Asked.Select(asked => asked.CloudId).Distinct().Count() == 100),
            "all meters are polled"
        );
        Assert.Equal(100, upstream.Asked.Count);
        // One after the other they would take five minutes.
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task A_poll_that_fails_in_whatever_way_cancels_no_other_of_its_turn()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Concurrency", "1"));
        await upstream.RegisterAsync(api, "001");
        // No check lets such an address in, and no poll expects it.
        await api.ExecuteAsync("UPDATE meters SET address = 'nowhere'");
        await upstream.RegisterAsync(api, "002");
        await upstream.RegisterAsync(api, "003");

        await api.Services.GetRequiredService<MeterPoller>().PollAllAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(upstream.Asked.Count == 2), "the other meters are polled");
        Assert.Equal(["002", "003"], upstream.Asked.Select(asked => asked.CloudId).Order());
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_cancels_no_other_poll_of_its_turn()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Concurrency", "1"));
        upstream.Answer = "gone mad";
        foreach (var id in (string[])["001", "002", "003"])
        {
            await upstream.RegisterAsync(api, id);
        }

        await api.ExecuteAsync("ALTER TABLE meters ADD CHECK (last_error IS NULL)");

        await api.Services.GetRequiredService<MeterPoller>().PollAllAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(upstream.Asked.Count == 3), "all meters are polled");
        Assert.Equal(["001", "002", "003"], upstream.Asked.Select(asked => asked.CloudId).Order());
    }

    [Fact]
    public async Task Every_period_polls_a_meter_once_however_many_replicas_there_are()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Period", "00:00:01"));
        await using var replica = api.Sibling();
        var startedAt = DateTimeOffset.UtcNow;
        await upstream.RegisterAsync(api, "7");
        await Eventually.TrueAsync(() => Task.FromResult(upstream.Asked.Count >= 5), "it is polled five times");
        // The clock's seconds that have begun meanwhile, of which a busy machine may miss some but doubles none.
        var periods = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - startedAt.ToUnixTimeSeconds() + 1;
        Assert.InRange(upstream.Asked.Count, 5, periods);
    }

    [Fact]
    public async Task The_poller_learns_of_new_meters_and_goes_on_polling_but_not_those_that_are_inactive()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Period", "00:00:00.3"));
        await upstream.RegisterAsync(api, "7");
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/7")).GetProperty("total_events_logged").GetInt32() >= 3,
            "it is polled again and again"
        );
        upstream.Answer = "gone mad";
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/7")).GetProperty("lastError").ValueKind == JsonValueKind.String,
            "the error is recorded"
        );
        upstream.Answer = Upstream.Good;
        await upstream.RegisterAsync(api, "8");
        await IsPolledAsync(upstream, "7", times: 1);

        using var stopped = await api.Admin.PatchAsync("/api/meters/7", Api.Json("""{"active":false}"""));
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        // The first may be of the turn that was under way; with the second, that turn is over.
        await IsPolledAsync(upstream, "8", times: 2);
        var polls = Polls(upstream, "7");
        await IsPolledAsync(upstream, "8", times: 3);
        Assert.Equal(polls, Polls(upstream, "7"));

        using var started = await api.Admin.PatchAsync("/api/meters/7", Api.Json("""{"active":true}"""));
        await IsPolledAsync(upstream, "7", times: 1);
    }

    private static int Polls(Upstream upstream, string id) => upstream.Asked.Count(asked => asked.CloudId == id);

    private static Task IsPolledAsync(Upstream upstream, string id, int times)
    {
        var wanted = Polls(upstream, id) + times;
        return Eventually.TrueAsync(() => Task.FromResult(Polls(upstream, id) >= wanted), $"meter {id} is polled {times} more times");
    }
}
