using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>What becomes of a keg, and who says so.</summary>
[Collection(nameof(ServersCollection))]
public sealed class KegStoryTests(Servers servers)
{
    private const string SomeId = "0199f5a0-0000-7000-8000-000000000001";

    [Fact]
    public async Task Readings_correct_the_level_and_the_yield_tells_of_every_drop()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar"}""");
        await api.PostAsync("/api/taps/7/calibrations", """{"pulsesPerLitre":1000,"validFrom":"2020-01-01T00:00:00Z"}""");
        var keg = await AddAsync(api, """{"beverage":"Pils","sizeMl":30000,"tareG":10000.5,"cost":84.5}""");
        using var put = await PutAsync(api, 7, $$"""{"kegId":"{{keg}}"}""");
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        // 250 pulses between the second and the third pour are in none.
        await PourAsync(api, """{"tapId":7,"pulses":500,"odometer":10500}""");
        await PourAsync(api, """{"tapId":7,"pulses":400,"odometer":10900,"purpose":"foam"}""");
        await PourAsync(api, """{"tapId":7,"pulses":300,"odometer":11450,"purpose":"taster"}""");

        // 38 kg on the scale: 27,999.5 g of beer at 1.0 g/mL, and the pours had left 28,800 mL.
        var weighed = await CorrectAsync(api, keg, """{"grossG":38000}""");
        Assert.Equal((27_999.5m, -800.5m), (Number(weighed, "leftMl"), Number(weighed, "correctionMl")));
        var denser = await CorrectAsync(api, keg, """{"grossG":38000,"densityGPerMl":1.01}""");
        Assert.Equal(27_722.277m, Number(denser, "leftMl"));
        var read = await CorrectAsync(api, keg, """{"leftShare":0.9}""");
        Assert.Equal((27_000m, -722.277m), (Number(read, "leftMl"), Number(read, "correctionMl")));
        await PourAsync(api, """{"tapId":7,"pulses":1000,"odometer":12450}""");

        var story = await api.GetAsync($"/api/kegs/{keg}");
        Assert.Equal((26_000m, -1_800m, 84.5m), (Number(story, "levelMl"), Number(story, "correctionMl"), Number(story, "cost")));
        Assert.Equal(("tap", "EUR"), (story.GetProperty("state").GetString(), story.GetProperty("currency").GetString()));
        Assert.Equal(3, story.GetProperty("readings").GetArrayLength());
        Assert.Equal(7, Assert.Single(story.GetProperty("tappings").EnumerateArray()).GetProperty("tapId").GetInt32());
        // Of four pours within seconds nobody can tell when the keg ends.
        Assert.Equal(JsonValueKind.Null, story.GetProperty("forecast").ValueKind);
        Assert.Equal(
            """{"sizeMl":30000,"pours":4,"sold":1500,"tasters":300,"foam":400,"spilt":0,"cleaning":0,"corrections":-1800,"left":26000,"unaccounted":250,"soldPercent":5}""",
            (await api.GetAsync($"/api/kegs/{keg}/yield")).GetRawText()
        );

        await api.ExecuteAsync("UPDATE tappings SET tapped_at = now() - interval '30 minutes'");
        await PourAsync(api, """{"tapId":7,"pulses":1000,"odometer":13450}""");
        var forecast = (await api.GetAsync($"/api/kegs/{keg}")).GetProperty("forecast");
        // 3.2 L in half an hour, 25 L left.
        Assert.InRange(forecast.GetProperty("minutes").GetInt32(), 225, 245);
        Assert.Equal(52.8m, Number(forecast, "pints"));
    }

    [Fact]
    public async Task Somebody_who_has_not_seen_what_another_has_changed_is_told()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar"}""");
        var keg = await AddAsync(api, """{"beverage":"Pils","sizeMl":30000}""");
        var (tapSeen, kegSeen) = (await TagAsync(api, "/api/taps/7"), await TagAsync(api, $"/api/kegs/{keg}"));

        // With one call a new keg is added and tapped.
        using var first = await PutAsync(api, 7, """{"beverage":"stout","sizeMl":20000,"cost":60}""", tapSeen);
        var stout = (await Api.ReadAsync(first)).GetProperty("keg").GetProperty("id").GetGuid();
        using var second = await PutAsync(api, 7, $$"""{"kegId":"{{keg}}"}""", tapSeen);
        Assert.Contains(
            "Somebody else has changed the keg of tap 7 meanwhile: it is stout now.",
            (await Api.ProblemAsync(second, 412)).GetProperty("detail").GetString()
        );
        using var newOne = await PutAsync(api, 7, """{"beverage":"Helles","sizeMl":20000}""", tapSeen);
        await Api.ProblemAsync(newOne, 412);
        Assert.Equal(2, (await api.GetAsync("/api/kegs")).GetProperty("kegs").GetArrayLength());

        // A pour changes the level, and is no change by somebody.
        tapSeen = await TagAsync(api, "/api/taps/7");
        await api.PourAllAsync((7, 500));
        Assert.NotEqual(tapSeen, await TagAsync(api, "/api/taps/7"));
        using var third = await PutAsync(api, 7, $$"""{"kegId":"{{keg}}","empty":true}""", tapSeen);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.Equal("ended", (await api.GetAsync($"/api/kegs/{stout}")).GetProperty("state").GetString());
        Assert.Equal(
            stout,
            Assert.Single((await api.GetAsync("/api/kegs?state=ended")).GetProperty("kegs").EnumerateArray()).GetProperty("id").GetGuid()
        );

        // That it was tapped is one.
        using var stale = await PatchAsync(api, $"/api/kegs/{keg}", """{"cost":1}""", kegSeen);
        await Api.ProblemAsync(stale, 412);
        kegSeen = await TagAsync(api, $"/api/kegs/{keg}");
        await api.PourAllAsync((7, 500));
        using var fresh = await PatchAsync(api, $"/api/kegs/{keg}", """{"cost":84.123456,"sizeMl":50000}""", kegSeen);
        var changed = await Api.ReadAsync(fresh);
        Assert.Equal((84.1235m, 49_500m), (Number(changed, "cost"), Number(changed, "levelMl")));
        using var forgot = await PatchAsync(api, $"/api/kegs/{keg}", """{"cost":null}""");
        Assert.Equal(JsonValueKind.Null, (await Api.ReadAsync(forgot)).GetProperty("cost").ValueKind);
        using var onTap = await PatchAsync(api, $"/api/kegs/{keg}", """{"empty":true}""");
        await Api.ProblemAsync(onTap, 409);
        using var off = await api.Admin.DeleteAsync("/api/taps/7/keg?empty=true");
        Assert.Equal(HttpStatusCode.NoContent, off.StatusCode);
        using var back = await PatchAsync(api, $"/api/kegs/{keg}", """{"empty":false}""");
        Assert.Equal("stock", (await Api.ReadAsync(back)).GetProperty("state").GetString());

        // What has poured stays; what has not may go.
        using var kept = await api.Admin.DeleteAsync($"/api/kegs/{keg}");
        await Api.ProblemAsync(kept, 409);
        using var gone = await api.Admin.DeleteAsync($"/api/kegs/{await AddAsync(api, """{"beverage":"Pils","sizeMl":30000}""")}");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Theory]
    [InlineData("POST", "/api/kegs/ID/readings", """{"grossG":38000}""", 422, "grossG")]
    [InlineData("POST", "/api/kegs/ID/readings", """{"leftMl":33001}""", 422, "leftMl")]
    [InlineData("POST", "/api/kegs/ID/readings", """{"leftMl":1,"leftShare":1}""", 400, "leftMl")]
    [InlineData("POST", "/api/kegs/ID/readings", """{"leftMl":-1}""", 400, "leftMl")]
    [InlineData("POST", "/api/kegs/ID/readings", """{"leftMl":1,"densityGPerMl":0}""", 400, "densityGPerMl")]
    [InlineData("POST", "/api/kegs/ID/readings", """{"left":1}""", 400, "left")]
    [InlineData("POST", "/api/kegs/0199f5a0-0000-7000-8000-000000000001/readings", """{"leftMl":1}""", 404, null)]
    [InlineData("PATCH", "/api/kegs/ID", """{"sizeMl":0}""", 400, "sizeMl")]
    [InlineData("PATCH", "/api/kegs/ID", """{"cost":-0.01}""", 400, "cost")]
    [InlineData("PATCH", "/api/kegs/ID", """{"levelMl":1}""", 400, "levelMl")]
    [InlineData("PATCH", "/api/kegs/0199f5a0-0000-7000-8000-000000000001", """{"cost":1}""", 404, null)]
    [InlineData("PUT", "/api/taps/1/keg", """{"beverage":"Pils"}""", 400, "kegId")]
    [InlineData("PUT", "/api/taps/1/keg", $$"""{"kegId":"{{SomeId}}","sizeMl":1000}""", 400, "kegId")]
    [InlineData("POST", "/api/beverages", """{"name":" "}""", 400, "name")]
    [InlineData("POST", "/api/beverages", """{"name":"A","abvPercent":101}""", 400, "abvPercent")]
    [InlineData("POST", "/api/beverages", """{"name":"A","pictureUrl":"javascript:alert(1)"}""", 400, "pictureUrl")]
    [InlineData("POST", "/api/beverages", """{"name":"A","colour":1}""", 400, "colour")]
    [InlineData("PATCH", $"/api/beverages/{SomeId}", """{"name":"A"}""", 404, null)]
    public async Task What_cannot_be_is_refused(string method, string path, string body, int status, string? member)
    {
        var api = await Api.SharedAsync(servers);
        var keg = path.Contains("ID", StringComparison.Ordinal) ? $"{await AddAsync(api, """{"beverage":"Pils","sizeMl":30000}""")}" : "";
        using var refused = await SendAsync(api, method, path.Replace("ID", keg, StringComparison.Ordinal), body);
        var problem = await Api.ProblemAsync(refused, status);
        Assert.Equal(member, problem.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().First().Name : null);
    }

    private static async Task<Guid> AddAsync(Api api, string json)
    {
        using var added = await api.PostAsync("/api/kegs", json);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        return (await Api.ReadAsync(added)).GetProperty("id").GetGuid();
    }

    private static async Task<JsonElement> CorrectAsync(Api api, Guid keg, string json)
    {
        using var corrected = await api.PostAsync($"/api/kegs/{keg}/readings", json);
        Assert.Equal(HttpStatusCode.Created, corrected.StatusCode);
        return await Api.ReadAsync(corrected);
    }

    private static async Task PourAsync(Api api, string json)
    {
        using var poured = await api.PostAsync("/api/beers", json);
        var id = (await Api.ReadAsync(poured)).GetProperty("beer").GetProperty("id").GetGuid();
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{id}")).IsSuccessStatusCode, "it is stored");
    }

    private static async Task<string> TagAsync(Api api, string path)
    {
        using var answer = await api.Anonymous.GetAsync(path);
        return answer.Headers.ETag!.Tag;
    }

    private static Task<HttpResponseMessage> PutAsync(Api api, int tap, string json, string? ifMatch = null) =>
        SendAsync(api, "PUT", $"/api/taps/{tap}/keg", json, ifMatch);

    private static Task<HttpResponseMessage> PatchAsync(Api api, string path, string json, string? ifMatch = null) =>
        SendAsync(api, "PATCH", path, json, ifMatch);

    private static Task<HttpResponseMessage> SendAsync(Api api, string method, string path, string json, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = Api.Json(json) };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(ifMatch));
        }

        return api.Admin.SendAsync(request);
    }

    private static decimal Number(JsonElement json, string member) => json.GetProperty(member).GetDecimal();
}
