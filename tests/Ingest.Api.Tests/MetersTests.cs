using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Api.Meters;
using Taproom.Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class MetersTests(Servers servers)
{
    private const string Password = "pass-that-never-comes-out";

    [Fact]
    public async Task A_good_poll_adds_one_reading_and_counts_it()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(api, "002738", upstream.Address)).StatusCode);
        await api.PourAllAsync((2738, 500));

        using var polled = await api.Admin.PostAsync("/api/meters/002738/poll", null);
        Assert.Equal(HttpStatusCode.OK, polled.StatusCode);
        Assert.Equal(("002738", "ann", Password, "<Command><Name>get_instantaneous_demand</Name></Command>"), Assert.Single(upstream.Asked));

        var meter = await Eventually.ValueAsync<object>(
            async () => await api.GetAsync("/api/meters/002738") is var m && m.GetProperty("total_events_logged").GetInt32() == 1 ? m : null,
            "the reading is counted");
        Assert.Equal(((JsonElement)meter).GetProperty("first_timestamp").GetString(), ((JsonElement)meter).GetProperty("last_timestamp").GetString());
        var readings = await api.GetAsync("/api/meters/002738/readings");
        var reading = Assert.Single(readings.GetProperty("readings").EnumerateArray()).GetProperty("reading");
        Assert.Equal(9, reading.EnumerateObject().Count());
        Assert.Equal(0xd8d5b90000001234UL, reading.GetProperty("DeviceMacId").GetUInt64());
        Assert.Equal((0x4ab, 3, 1000), (reading.GetProperty("Demand").GetInt32(), reading.GetProperty("Multiplier").GetInt32(), reading.GetProperty("Divisor").GetInt32()));
        Assert.Equal("Y", reading.GetProperty("SuppressLeadingZero").GetString());
    }

    [Fact]
    public async Task A_failed_poll_adds_nothing_and_is_recorded_with_the_meter()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Timeout", "00:00:00.5"));
        await PostAsync(api, "1", upstream.Address);
        string[] answers = ["<Error><Text>no</Text></Error>", "not xml", Upstream.Good.Replace("Divisor", "Other"), Upstream.Good.Replace("0x03", "three")];
        foreach (var answer in answers)
        {
            upstream.Answer = answer;
            await FailsAsync(api, "1");
        }

        upstream.Answer = Upstream.Good;
        upstream.Delay = _ => TimeSpan.FromMinutes(1);
        await FailsAsync(api, "1");
        await PostAsync(api, "2", $"http://127.0.0.1:{LocalServer.FreePort()}");
        await FailsAsync(api, "2");

        upstream.Delay = _ => TimeSpan.Zero;
        using var polled = await api.Admin.PostAsync("/api/meters/1/poll", null);
        Assert.Equal(HttpStatusCode.OK, polled.StatusCode);
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/1")).GetProperty("lastError").ValueKind == JsonValueKind.Null, "the error is over");
        Assert.Equal(1, (await api.GetAsync("/api/meters/1")).GetProperty("total_events_logged").GetInt32());
    }

    [Fact]
    public async Task Posting_again_changes_credentials_and_keeps_counters_and_no_answer_shows_a_password()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers);
        var answers = new List<HttpResponseMessage> { await PostAsync(api, "01", upstream.Address) };
        await api.Admin.PostAsync("/api/meters/01/poll", null);
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/01")).GetProperty("total_events_logged").GetInt32() == 1, "the reading is counted");

        answers.Add(await PostAsync(api, "01", $"{upstream.Address}/json", kind: "json", user: "bob"));
        Assert.Equal(HttpStatusCode.OK, answers[1].StatusCode);
        answers.Add(await api.Admin.PatchAsync("/api/meters/01", Api.Json("""{"active":false}""")));
        answers.Add(await api.Anonymous.GetAsync("/api/meters/01"));
        answers.Add(await api.Anonymous.GetAsync("/api/meters"));
        foreach (var answer in answers)
        {
            Assert.DoesNotContain(Password, await answer.Content.ReadAsStringAsync());
        }

        var meter = await Api.ReadAsync(answers[3]);
        Assert.Equal(("01", "bob", false, 1), (
            meter.GetProperty("id").GetString(), meter.GetProperty("user").GetString(),
            meter.GetProperty("active").GetBoolean(), meter.GetProperty("total_events_logged").GetInt32()));
        using var polled = await api.Admin.PostAsync("/api/meters/01/poll", null);
        var auth = (await Api.ReadAsync(polled)).GetProperty("reading").GetProperty("auth").GetString()!;
        Assert.Equal($"bob:{Password}", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(auth["Basic ".Length..])));

        using var deleted = await api.Admin.DeleteAsync("/api/meters/01");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await Api.ProblemAsync(await api.Admin.DeleteAsync("/api/meters/01"), 404);
    }

    [Fact]
    public async Task A_missing_or_wrong_member_is_named_and_writes_need_the_admin_key()
    {
        var api = await Api.SharedAsync(servers);
        var meter = new Dictionary<string, object?>
        {
            ["id"] = "1", ["kind"] = "json", ["address"] = "http://127.0.0.1/", ["user"] = "a", ["password"] = "b",
        };
        foreach (var member in meter.Keys)
        {
            foreach (var wrong in (object?[])[null, 5, "", "ftp://\n"])
            {
                using var refused = await api.Admin.PostAsJsonAsync("/api/meters", new Dictionary<string, object?>(meter) { [member] = wrong });
                var problem = await Api.ProblemAsync(refused, 400);
                Assert.True(problem.GetProperty("errors").TryGetProperty(member, out _));
            }
        }

        using var anonymous = await api.Anonymous.PostAsJsonAsync("/api/meters", meter);
        await Api.ProblemAsync(anonymous, 401);
        using var stranger = api.With("wrong-secret");
        foreach (var refused in (HttpResponseMessage[])
        [
            await stranger.PostAsJsonAsync("/api/meters", meter),
            await stranger.PatchAsync("/api/meters/1", Api.Json("""{"active":false}""")),
            await stranger.DeleteAsync("/api/meters/1"),
            await stranger.PostAsync("/api/meters/import", Api.Json("{}")),
        ])
        {
            Assert.DoesNotContain("wrong-secret", (await Api.ProblemAsync(refused, 401)).GetRawText());
        }
    }

    [Fact]
    public async Task Slow_meters_and_one_that_hangs_delay_no_other_and_two_replicas_poll_each_once()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers);
        await using var replica = api.Sibling();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => PostAsync(api, $"{n:000}", upstream.Address)));
        await PostAsync(api, "idle", upstream.Address, active: false);
        upstream.Delay = id => id == "050" ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(3);

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            api.Services.GetRequiredService<MeterPoller>().PollAllAsync(CancellationToken.None),
            replica.Services.GetRequiredService<MeterPoller>().PollAllAsync(CancellationToken.None));

        // The pollers' own first turn may have taken some of them.
        await Eventually.TrueAsync(
            () => Task.FromResult(upstream.Asked.Select(asked => asked.CloudId).Distinct().Count() == 100), "all meters are polled");
        Assert.Equal(100, upstream.Asked.Count);
        // One after the other they would take five minutes.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task Every_period_polls_a_meter_once_however_many_replicas_there_are()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Period", "00:00:01"));
        await using var replica = api.Sibling();
        var startedAt = DateTimeOffset.UtcNow;
        await PostAsync(api, "7", upstream.Address);
        await Eventually.TrueAsync(() => Task.FromResult(upstream.Asked.Count >= 5), "it is polled five times");
        // The clock's seconds that have begun meanwhile, of which a busy machine may miss some but doubles none.
        var periods = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - startedAt.ToUnixTimeSeconds() + 1;
        Assert.InRange(upstream.Asked.Count, 5, periods);
    }

    [Fact]
    public async Task The_poller_learns_of_new_meters_and_goes_on_polling()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Period", "00:00:00.3"));
        await PostAsync(api, "7", upstream.Address);
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/7")).GetProperty("total_events_logged").GetInt32() >= 3, "it is polled again and again");
        upstream.Answer = "gone mad";
        await Eventually.TrueAsync(
            async () => (await api.GetAsync("/api/meters/7")).GetProperty("lastError").ValueKind == JsonValueKind.String, "the error is recorded");
    }

    [Fact]
    public async Task A_meter_that_is_set_inactive_is_polled_no_more_until_it_is_active_again()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Period", "00:00:00.3"));
        await PostAsync(api, "7", upstream.Address);
        await PostAsync(api, "8", upstream.Address);
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

    [Fact]
    public async Task A_call_that_polls_waits_longer_for_the_meter_than_others_wait_for_the_stores()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Meters:Timeout", "00:01:00"));
        await PostAsync(api, "7", upstream.Address);
        upstream.Delay = _ => TimeSpan.FromSeconds(3);

        using var polled = await api.Admin.PostAsync("/api/meters/7/poll", null);

        Assert.True(polled.StatusCode == HttpStatusCode.OK, await polled.Content.ReadAsStringAsync());
    }

    private static int Polls(Upstream upstream, string id) => upstream.Asked.Count(asked => asked.CloudId == id);

    private static Task IsPolledAsync(Upstream upstream, string id, int times)
    {
        var wanted = Polls(upstream, id) + times;
        return Eventually.TrueAsync(() => Task.FromResult(Polls(upstream, id) >= wanted), $"meter {id} is polled {times} more times");
    }

    private static Task<HttpResponseMessage> PostAsync(
        Api api, string id, string address, string kind = "rainforest", string user = "ann", bool active = true) =>
        api.Admin.PostAsJsonAsync("/api/meters", new { id, kind, address, user, password = Password, active });

    private static async Task FailsAsync(Api api, string id)
    {
        using var polled = await api.Admin.PostAsync($"/api/meters/{id}/poll", null);
        Assert.Equal(HttpStatusCode.BadGateway, polled.StatusCode);
        var meter = await api.GetAsync($"/api/meters/{id}");
        Assert.Equal(0, meter.GetProperty("total_events_logged").GetInt32());
        Assert.NotEqual("", meter.GetProperty("lastError").GetString());
    }
}
