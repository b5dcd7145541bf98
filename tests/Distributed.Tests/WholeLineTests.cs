using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using StackExchange.Redis;
using Testing;

namespace Distributed.Tests;

[Collection(nameof(TaproomCollection))]
public sealed class WholeLineTests(TaproomApp app)
{
    [Fact]
    public async Task Pours_of_the_three_simulated_taps_are_listed_by_the_API()
    {
        using var api = app.ApiClient();

        await Eventually.TrueAsync(
            async () => (await BeersAsync(api, "")).Select(TapOf).ToHashSet().IsSupersetOf([1, 2, 3]),
            "beers of taps 1, 2 and 3",
            TimeSpan.FromSeconds(60)
        );
    }

    [Theory]
    [InlineData("5", 71)]
    [InlineData("311", 72)]
    public async Task A_pour_of_a_foreign_client_is_in_Postgres_and_in_the_API(string protocol, int tap)
    {
        Assert.Equal(0, await app.PublishAsync(protocol, tap, """{"volume":473}"""));

        using var api = app.ApiClient();
        await Eventually.TrueAsync(async () => (await BeersAsync(api, $"?tap={tap}")).Count == 1, "the beer in the API");
        var beer = Assert.Single(await BeersAsync(api, $"?tap={tap}"));
        Assert.Equal(473, beer.GetProperty("volume").GetDecimal());
        Assert.Equal("pint", beer.GetProperty("type").GetString());

        await using var connection = new NpgsqlConnection(await app.ConnectionStringAsync("taproomdb"));
        await connection.OpenAsync();
        await using var query = new NpgsqlCommand("SELECT count(*) FROM pours WHERE tap_id = $1 AND volume_ml = 473", connection);
        query.Parameters.Add(new() { Value = tap });
        Assert.Equal(1L, await query.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_bad_pour_is_set_aside_with_its_reason_and_the_next_good_one_goes_through()
    {
        const int Tap = 73;
        await app.PublishAsync("5", Tap, """{"volume":4730}""");
        await app.PublishAsync("5", Tap, "not json");
        Assert.Equal(0, await app.PublishAsync("5", Tap, """{"volume":250}"""));

        using var api = app.ApiClient();
        await Eventually.TrueAsync(async () => (await BeersAsync(api, $"?tap={Tap}")).Count == 1, "the good pour is stored");
        using var redis = await ConnectionMultiplexer.ConnectAsync(await app.ConnectionStringAsync("redis"));
        var dead = (await redis.GetDatabase().StreamRangeAsync("taproom:dead")).Where(letter => letter["tap"] == "73").ToArray();
        Assert.Equal(2, dead.Length);
        Assert.Equal("There is no glass type for the specified volume", (string?)dead[0]["reason"]);
        Assert.All(dead, letter => Assert.False(letter["reason"].IsNullOrEmpty));
    }

    [Fact]
    public async Task A_pour_posted_over_HTTP_takes_the_same_way()
    {
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);

        using var answer = await api.PostAsJsonAsync("/api/beers", new { tapId = 74, volume = 300 });

        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
        await Eventually.TrueAsync(async () => (await BeersAsync(api, "?tap=74")).Count == 1, "the beer is stored");
    }

    [Fact]
    public async Task The_two_simulated_meters_are_polled_and_their_readings_kept()
    {
        using var api = app.ApiClient();

        await Eventually.TrueAsync(
            async () =>
                (await api.GetFromJsonAsync<JsonElement>("/api/meters"))
                    .GetProperty("meters")
                    .EnumerateArray()
                    .Count(meter => meter.GetProperty("total_events_logged").GetInt32() > 0) == 2,
            "both meters have readings",
            TimeSpan.FromSeconds(60)
        );
    }

    [Fact]
    public async Task A_poll_is_one_trace_and_turns_of_work_that_nobody_asked_for_are_none()
    {
        // More than one turn of the poller has to be there.
        var spans = await app.Dashboard.FindAsync(all => Stored(all).Count() > 4 ? all : null, "polled readings on their way to Postgres");

        Assert.All(Stored(spans), trace => Assert.Single(trace, span => span.ParentSpanId is null && span.Name == "poll meter"));

        // A start may ask the database for the keys that protect passwords; a turn of work asks for nothing that is traced.
        var before = Unasked(spans);
        var known = Stored(spans).Count();
        var later = await app.Dashboard.FindAsync(all => Stored(all).Count() > known + 2 ? all : null, "another turn of the poller");
        Assert.Equal(before, Unasked(later));

        static int Unasked(IReadOnlyList<TracedSpan> spans) =>
            spans.Count(span => span is { Service: "ingest-api", ParentSpanId: null, Name: "postgresql" });

        static IEnumerable<IGrouping<string, TracedSpan>> Stored(IReadOnlyList<TracedSpan> spans) =>
            spans
                .GroupBy(span => span.TraceId)
                .Where(trace => trace.Any(span => span.Name == "poll meter") && trace.Any(span => span.Name == "process ingest"));
    }

    private static async Task<IReadOnlyList<JsonElement>> BeersAsync(HttpClient api, string query)
    {
        var page = await api.GetFromJsonAsync<JsonElement>("/api/beers" + query);
        return [.. page.GetProperty("beers").EnumerateArray()];
    }

    private static int TapOf(JsonElement beer) => beer.GetProperty("tapId").GetInt32();
}
