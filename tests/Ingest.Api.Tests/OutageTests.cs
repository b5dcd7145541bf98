using System.Diagnostics;
using System.Net;
using Npgsql;
using Taproom.Testing;

namespace Ingest.Api.Tests;

/// <summary>Servers of their own, because these tests stop them.</summary>
public sealed class OutageTests(Servers servers) : IClassFixture<Servers>
{
    /// <summary>Two seconds are promised; the rest is for a machine that does much else.</summary>
    private static readonly TimeSpan Generously = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task Without_Redis_a_post_is_503_in_under_two_seconds_and_taken_again_when_it_is_back()
    {
        await using var api = await Api.StartAsync(servers);
        var id = (await api.PourAllAsync((1, 500)))[0];
        await servers.Redis.StopAsync();
        try
        {
            using var deleted = await api.Admin.DeleteAsync($"/api/beers/{id}");
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            await Refused503Async(api.PostAsync("/api/beers", """{"tapId":1,"volume":500}"""));
            await UnhealthyAsync(api);
        }
        finally
        {
            await servers.Redis.StartAsync();
        }

        await Eventually.TrueAsync(
            async () => (await api.PostAsync("/api/beers", """{"tapId":1,"volume":600}""")).StatusCode == HttpStatusCode.Created,
            "beers are taken again");
    }

    [Fact]
    public async Task Without_Postgres_reads_are_503_and_posts_are_kept_for_later()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PourAllAsync((1, 500));
        await servers.Postgres.StopAsync();
        var id = Guid.NewGuid();
        try
        {
            await Refused503Async(api.Anonymous.GetAsync("/api/beers"));
            await Refused503Async(api.Anonymous.GetAsync($"/api/beers/{Guid.NewGuid()}"));
            await UnhealthyAsync(api);
            await api.PourAsync(2, 500, id);
        }
        finally
        {
            await servers.Postgres.StartAsync();
            // The connections of this process to the server that was stopped.
            NpgsqlConnection.ClearAllPools();
        }

        await Eventually.TrueAsync(
            async () => (await api.Anonymous.GetAsync($"/api/beers/{id}")).IsSuccessStatusCode, "the beer is stored");
        Assert.Equal("healthy", (await api.GetAsync("/api/healthz")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task While_Postgres_hangs_it_is_503_soon_and_nothing_is_half_done()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        using var keg = await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":30000}""");
        var kegId = (await Api.ReadAsync(keg)).GetProperty("id").GetGuid();
        using var put = await api.Admin.PutAsync("/api/taps/1/keg", Api.Json($$"""{"kegId":"{{kegId}}"}"""));
        var ids = await api.PourAllAsync((1, 500), (1, 600), (1, 700));
        var accepted = Guid.NewGuid();
        await servers.Postgres.PauseAsync();
        try
        {
            Func<Task<HttpResponseMessage>>[] calls =
            [
                () => api.Anonymous.GetAsync("/api/beers"),
                () => api.Anonymous.GetAsync($"/api/beers/{ids[0]}"),
                () => api.Anonymous.GetAsync("/api/events"),
                () => api.Anonymous.GetAsync("/api/stats"),
                () => api.Admin.DeleteAsync($"/api/beers/{ids[0]}"),
                () => api.PostAsync("/api/taps", """{"id":2,"name":"b"}"""),
            ];
            foreach (var call in calls)
            {
                await Refused503Async(call(), Generously);
            }

            await UnhealthyAsync(api);
            await api.PourAsync(1, 800, accepted);
        }
        finally
        {
            await servers.Postgres.ResumeAsync();
        }

        await Eventually.TrueAsync(
            async () => (await api.Anonymous.GetAsync($"/api/beers/{accepted}")).IsSuccessStatusCode, "the accepted beer is stored");
        // What was refused may have been done, as a statement that came too late to be stopped, but then all of it.
        var beers = (await api.GetAsync("/api/beers")).GetProperty("beers").EnumerateArray().Select(beer => beer.GetProperty("volume").GetDecimal()).ToList();
        Assert.InRange(beers.Count, 3, 4);
        var stats = await api.GetAsync("/api/stats");
        Assert.Equal((beers.Count, beers.Sum()), (stats.GetProperty("pours").GetInt32(), stats.GetProperty("volumeMl").GetDecimal()));
        Assert.Equal(30_000 - beers.Sum(), (await api.GetAsync($"/api/kegs/{kegId}")).GetProperty("levelMl").GetDecimal());
    }

    [Fact]
    public async Task While_Redis_hangs_a_post_is_503_soon()
    {
        await using var api = await Api.StartAsync(servers);
        var id = (await api.PourAllAsync((1, 500)))[0];
        await servers.Redis.PauseAsync();
        try
        {
            await Refused503Async(api.PostAsync("/api/beers", """{"tapId":1,"volume":500}"""), Generously);
            await Refused503Async(api.PostAsync("/api/messages", "1"), Generously);
            await Refused503Async(api.Admin.GetAsync("/api/dead-letters"), Generously);
            await api.GetAsync("/api/taps");
            await UnhealthyAsync(api);
            await api.GetAsync($"/api/beers/{id}");
        }
        finally
        {
            await servers.Redis.ResumeAsync();
        }

        await Eventually.TrueAsync(
            async () => (await api.PostAsync("/api/beers", """{"tapId":1,"volume":600}""")).StatusCode == HttpStatusCode.Created,
            "beers are taken again");
    }

    [Fact]
    public async Task Before_the_worker_has_made_the_schema_reads_are_503()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        await Refused503Async(api.Anonymous.GetAsync("/api/beers"));
    }

    private static async Task Refused503Async(Task<HttpResponseMessage> call, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        using var response = await call;
        Assert.True(watch.Elapsed < (deadline ?? TimeSpan.FromSeconds(2)), $"It took {watch.Elapsed}.");
        await Api.ProblemAsync(response, 503);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    private static async Task UnhealthyAsync(Api api)
    {
        using var response = await api.Anonymous.GetAsync("/api/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("""{"status":"unhealthy"}""", await response.Content.ReadAsStringAsync());
    }
}
