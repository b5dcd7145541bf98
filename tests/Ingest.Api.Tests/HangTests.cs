using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Servers of their own, because these tests make them hang.</summary>
[Collection(nameof(TroubledServersCollection))]
public sealed class HangTests(Servers servers)
{
    private const string Meter = """{"id":"1","kind":"json","address":"http://127.0.0.1:1/","user":"a","password":"b","active":false}""";

    [Fact]
    public async Task While_Postgres_hangs_every_resource_is_503_soon_and_nothing_is_half_done()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        using var keg = await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":30000}""");
        Assert.True(keg.IsSuccessStatusCode, await keg.Content.ReadAsStringAsync());
        var kegId = (await Api.ReadAsync(keg)).GetProperty("id").GetGuid();
        using var put = await api.Admin.PutAsync("/api/taps/1/keg", Api.Json($$"""{"kegId":"{{kegId}}"}"""));
        using var meter = await api.PostAsync("/api/meters", Meter);
        var ids = await api.PourAllAsync((1, 500), (1, 600), (1, 700));
        var (accepted, acceptedEvent) = (Guid.NewGuid(), "");
        await servers.Postgres.PauseAsync();
        try
        {
            string[] reads =
            [
                "/api/beers",
                $"/api/beers/{ids[0]}",
                $"/api/beers/{Guid.NewGuid()}",
                "/api/beers/export?format=csv",
                "/api/messages",
                $"/api/messages/{ids[0]}",
                "/api/events",
                $"/api/events/{ids[0]}",
                "/api/taps",
                "/api/taps/1",
                "/api/kegs",
                $"/api/kegs/{kegId}",
                "/api/meters",
                "/api/meters/1",
                "/api/meters/1/readings",
                "/api/stats",
                "/api/stats/hourly",
            ];
            await Refusals.ExpectAsync(reads.Select(path => api.Anonymous.GetAsync(path)));
            await Refusals.ExpectAsync([
                api.Admin.DeleteAsync($"/api/beers/{ids[0]}"),
                api.PostAsync("/api/taps", """{"id":2,"name":"b"}"""),
                api.PostAsync("/api/taps/import", """{"id":3,"name":"c"}"""),
                api.Admin.PatchAsync("/api/taps/1", Api.Json("""{"name":"x"}""")),
                api.Admin.PostAsync("/api/taps/1/token", null),
                api.PostAsync("/api/taps/1/commands", """{"command":"clean"}"""),
                api.Admin.DeleteAsync("/api/taps/1/keg"),
                api.PostAsync("/api/kegs", """{"beverage":"Stout","sizeMl":30000}"""),
                api.PostAsync("/api/meters", Meter),
                api.PostAsync("/api/meters/import", Meter),
                api.Admin.PatchAsync("/api/meters/1", Api.Json("""{"active":false}""")),
                api.Admin.PostAsync("/api/meters/1/poll", null),
                api.Admin.DeleteAsync("/api/meters/2"),
            ]);
            await Refusals.ExpectUnhealthyAsync(api);
            // What is left of its time after the wait for Postgres is too short on a busy machine, which says that one should come again.
            await AcceptedAsync(api, "/api/beers", $$"""{"tapId":1,"volume":800,"id":"{{accepted}}"}""");
            acceptedEvent = (await AcceptedAsync(api, "/api/events", EventsTests.Event())).Headers.Location!.OriginalString;
        }
        finally
        {
            await servers.Postgres.ResumeAsync();
        }

        foreach (var path in (string[])[$"/api/beers/{accepted}", acceptedEvent])
        {
            await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync(path)).IsSuccessStatusCode, $"{path} is stored");
        }

        // What was refused may have been done, as a statement that came too late to be stopped, but then all of it.
        var beers = (await api.GetAsync("/api/beers"))
            .GetProperty("beers")
            .EnumerateArray()
            .Select(beer => beer.GetProperty("volume").GetDecimal())
            .ToList();
        Assert.InRange(beers.Count, 3, 4);
        var stats = await api.GetAsync("/api/stats");
        Assert.Equal((beers.Count, beers.Sum()), (stats.GetProperty("pours").GetInt32(), stats.GetProperty("volumeMl").GetDecimal()));
        if (await KegOfAsync(api) is { ValueKind: JsonValueKind.Object })
        {
            Assert.Equal(30_000 - beers.Sum(), (await api.GetAsync($"/api/kegs/{kegId}")).GetProperty("levelMl").GetDecimal());
        }

        // No connection is lost to the pool for good: more calls at once than it has connections.
        await Eventually.TrueAsync(
            async () =>
            {
                var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => api.Anonymous.GetAsync("/api/beers")));
                return answers.All(answer => answer.IsSuccessStatusCode);
            },
            "sixty calls at once are answered"
        );
    }

    [Fact]
    public async Task While_Redis_hangs_what_needs_it_is_503_soon_and_the_rest_is_answered()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        using var tap = api.With((await Api.ReadAsync(await api.Admin.PostAsync("/api/taps/1/token", null))).GetProperty("token").GetString()!);
        var id = (await api.PourAllAsync((1, 500)))[0];
        await servers.Redis.PauseAsync();
        try
        {
            await Refusals.ExpectAsync([
                api.PostAsync("/api/beers", """{"tapId":1,"volume":500}"""),
                tap.PostAsync("/api/beers", Api.Json("""{"tapId":1,"volume":500}""")),
                api.PostAsync("/api/beers/batch", """[{"tapId":1,"volume":500}]"""),
                api.PostAsync("/api/messages", "1"),
                api.PostAsync("/api/events", EventsTests.Event()),
                api.PostAsync("/api/taps/1/commands", """{"command":"clean"}"""),
                api.Anonymous.GetAsync($"/api/beers/{Guid.NewGuid()}"),
                api.Admin.GetAsync("/api/dead-letters"),
                api.Admin.GetAsync("/api/dead-letters/1-1"),
                api.Admin.PostAsync("/api/dead-letters/1-1/requeue", null),
                api.Admin.DeleteAsync("/api/dead-letters/1-1"),
            ]);
            await Refusals.ExpectUnhealthyAsync(api);
            foreach (
                var path in (string[])
                    ["/api/taps", $"/api/beers/{id}", "/api/beers", "/api/events", "/api/messages", "/api/kegs", "/api/meters", "/api/stats"]
            )
            {
                await api.GetAsync(path);
            }
        }
        finally
        {
            await servers.Redis.ResumeAsync();
        }

        await Eventually.TrueAsync(
            async () => (await api.PostAsync("/api/beers", """{"tapId":1,"volume":600}""")).StatusCode == HttpStatusCode.Created,
            "beers are taken again"
        );
    }

    private static Task<HttpResponseMessage> AcceptedAsync(Api api, string path, string json) =>
        Eventually.ValueAsync(async () => await api.PostAsync(path, json) is { IsSuccessStatusCode: true } taken ? taken : null, $"{path} takes it");

    private static async Task<JsonElement> KegOfAsync(Api api) => (await api.GetAsync("/api/taps/1")).GetProperty("keg");
}
