using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class KegsTests(Servers servers)
{
    [Fact]
    public async Task The_level_of_a_keg_follows_pours_and_deletions_and_its_low_event_comes_once()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar"}""");
        using var posted = await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":5000}""");
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var keg = posted.Headers.Location!.OriginalString;
        var kegId = (await Api.ReadAsync(posted)).GetProperty("id").GetGuid();
        using var put = await api.Admin.PutAsync("/api/taps/7/keg", Api.Json($$"""{"kegId":"{{kegId}}"}"""));
        Assert.Equal(kegId, (await Api.ReadAsync(put)).GetProperty("keg").GetProperty("id").GetGuid());

        var ids = await api.PourAllAsync((7, 1000), (8, 900), (7, 500.5m));
        Assert.Equal(3499.5m, (await api.GetAsync(keg)).GetProperty("levelMl").GetDecimal());
        using var deleted = await api.Admin.DeleteAsync($"/api/beers/{ids[0]}");
        Assert.Equal(4499.5m, (await api.GetAsync(keg)).GetProperty("levelMl").GetDecimal());

        await using var listener = await Socket.OpenAsync(api, "/sockets/events");
        await api.PourAllAsync(Enumerable.Repeat((7, 900m), 5));
        // It is told once: the next that the listener hears is another.
        var told = JsonDocument.Parse((await listener.ReadAsync())!).RootElement;
        Assert.Equal(kegId, told.GetProperty("payload").GetProperty("data").GetProperty("about").GetProperty("kegId").GetGuid());
        await Eventually.TrueAsync(async () => (await LowAsync()).Count > 0, "the event is stored");
        Assert.Equal(told.GetProperty("id").GetGuid(), Assert.Single(await LowAsync()).GetProperty("id").GetGuid());
        using var other = await api.PostAsync(
            "/api/events",
            """{"component":"a","data":1,"email":"ann@bar.example","environment":"b","message":"c"}"""
        );
        var otherId = (await Api.ReadAsync(other)).GetProperty("id").GetGuid();
        Assert.Equal(otherId, JsonDocument.Parse((await listener.ReadAsync())!).RootElement.GetProperty("id").GetGuid());

        using var off = await api.Admin.DeleteAsync("/api/taps/7/keg");
        Assert.Equal(HttpStatusCode.NoContent, off.StatusCode);
        using var offAgain = await api.Admin.DeleteAsync("/api/taps/7/keg");
        await Api.ProblemAsync(offAgain, 404);
        var level = (await api.GetAsync(keg)).GetProperty("levelMl").GetDecimal();
        await api.PourAllAsync((7, 500));
        Assert.Equal(level, (await api.GetAsync(keg)).GetProperty("levelMl").GetDecimal());

        async Task<List<JsonElement>> LowAsync() => [.. (await api.GetAsync("/api/events?component=keg-low")).GetProperty("events").EnumerateArray()];
    }

    [Fact]
    public async Task The_same_keg_sent_again_because_no_answer_came_is_not_another()
    {
        var api = await Api.SharedAsync(servers);
        var (id, beverage, other) = (Guid.CreateVersion7(), $"Pils {Guid.NewGuid()}", $"Stout {Guid.NewGuid()}");
        var posts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync(beverage)));
        Assert.Single(posts, HttpStatusCode.Created);
        Assert.Equal(3, posts.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(other));
        Assert.Equal(beverage, (await api.GetAsync($"/api/kegs/{id}")).GetProperty("beverage").GetString());
        var names = await api.GetAsync("/api/beverages?page_size=500");
        Assert.Contains(beverage, names.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(other, names.GetRawText(), StringComparison.Ordinal);

        async Task<HttpStatusCode> PostAsync(string name)
        {
            using var posted = await api.Admin.PostAsJsonAsync(
                "/api/kegs",
                new
                {
                    id,
                    beverage = name,
                    sizeMl = 30_000,
                }
            );
            Assert.Equal(id, (await Api.ReadAsync(posted)).GetProperty("id").GetGuid());
            return posted.StatusCode;
        }
    }

    [Fact]
    public async Task A_keg_is_on_one_tap_at_a_time_and_a_tap_has_one_keg()
    {
        var api = await Api.SharedAsync(servers);
        var (a, b) = (Api.NewTap(), Api.NewTap());
        await api.PostAsync("/api/taps", $$"""{"id":{{a}},"name":"a"}""");
        await api.PostAsync("/api/taps", $$"""{"id":{{b}},"name":"b"}""");
        var kegs = new List<Guid>();
        foreach (var beverage in (string[])["Pils", "Stout"])
        {
            using var posted = await api.Admin.PostAsJsonAsync("/api/kegs", new { beverage, sizeMl = 30_000 });
            kegs.Add((await Api.ReadAsync(posted)).GetProperty("id").GetGuid());
        }

        Assert.Equal(HttpStatusCode.OK, (await PutAsync(api, a, kegs[0])).StatusCode);
        await Api.ProblemAsync(await PutAsync(api, b, kegs[0]), 409);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(api, a, kegs[1])).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(api, b, kegs[0])).StatusCode);
        await Api.ProblemAsync(await PutAsync(api, Api.NewTap(), kegs[0]), 404);
        await Api.ProblemAsync(await PutAsync(api, a, Guid.NewGuid()), 404);
        foreach (var (keg, tap) in (IEnumerable<(Guid, int)>)[(kegs[0], b), (kegs[1], a)])
        {
            Assert.Equal(tap, (await api.GetAsync($"/api/kegs/{keg}")).GetProperty("tapId").GetInt32());
        }

        // Where the keg cannot be put, its beverage is not there either.
        var ale = $"Ale {Guid.NewGuid()}";
        await Api.ProblemAsync(
            await api.Admin.PutAsync($"/api/taps/{Api.NewTap()}/keg", Api.Json($$"""{"beverage":"{{ale}}","sizeMl":30000}""")),
            404
        );
        Assert.DoesNotContain(ale, (await api.GetAsync("/api/beverages?page_size=500")).GetRawText(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PutAsync(Api api, int tap, Guid keg) =>
        api.Admin.PutAsync($"/api/taps/{tap}/keg", Api.Json($$"""{"kegId":"{{keg}}"}"""));
}
