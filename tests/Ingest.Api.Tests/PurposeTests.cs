using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class PurposeTests(Servers servers)
{
    [Fact]
    public async Task A_beer_is_a_sale_unless_its_tap_says_what_it_was_for()
    {
        await using var api = await Api.StartAsync(servers);
        using var batch = await api.PostAsync(
            "/api/beers/batch",
            """
            [{"tapId":1,"volume":100},{"tapId":1,"volume":200,"purpose":"cleaning"},{"tapId":2,"volume":300,"purpose":"foam"},
             {"tapId":2,"volume":400,"purpose":null},{"tapId":1,"volume":500,"purpose":"taster"},{"tapId":1,"volume":600,"purpose":"spill"},
             {"tapId":1,"volume":700,"purpose":"gift"},{"tapId":1,"volume":700,"purpose":"Sale"},{"tapId":1,"volume":700,"purpose":1}]
            """
        );
        var results = (await Api.ReadAsync(batch)).GetProperty("results").EnumerateArray().ToList();
        Assert.Equal([201, 201, 201, 201, 201, 201, 422, 422, 422], results.Select(result => result.GetProperty("status").GetInt32()));
        Assert.Equal("The member 'purpose' must be 'sale', 'cleaning', 'foam', 'spill' or 'taster'.", results[6].GetProperty("detail").GetString());
        Assert.Equal("cleaning", results[1].GetProperty("beer").GetProperty("purpose").GetString());
        await Eventually.TrueAsync(async () => (await PurposesAsync(api, "")).Count == 6, "all are stored");

        Assert.Equal(["sale", "cleaning", "taster", "spill"], await PurposesAsync(api, "?tap=1"));
        Assert.Equal(["foam", "sale"], await PurposesAsync(api, "?tap=2"));
        Assert.Equal(["foam"], await PurposesAsync(api, "?purpose=foam"));
        Assert.Equal(["sale"], await PurposesAsync(api, "?purpose=sale&tap=2&sort=-timestamp"));
        using var unknown = await api.Anonymous.GetAsync("/api/beers?purpose=gift");
        await Api.ProblemAsync(unknown, 400);
        var csv = (await api.Anonymous.GetStringAsync("/api/beers/export?format=csv&purpose=cleaning")).Split('\n');
        Assert.Equal((3, true), (csv.Length, csv[1].EndsWith(",1,cleaning,", StringComparison.Ordinal)));
        Assert.Contains("\"purpose\":\"foam\"", await api.Anonymous.GetStringAsync("/api/beers/export?format=jsonl&purpose=foam"));
        // All of them left the keg.
        Assert.Equal(2_100, (await api.GetAsync("/api/stats")).GetProperty("volumeMl").GetDecimal());
        Assert.Equal(
            """[{"purpose":"sale","pours":2,"volumeMl":500,"proposedPours":0,"proposedVolumeMl":0},{"purpose":"cleaning","pours":1,"volumeMl":200,"proposedPours":0,"proposedVolumeMl":0},{"purpose":"foam","pours":1,"volumeMl":300,"proposedPours":0,"proposedVolumeMl":0},{"purpose":"spill","pours":1,"volumeMl":600,"proposedPours":0,"proposedVolumeMl":0},{"purpose":"taster","pours":1,"volumeMl":500,"proposedPours":0,"proposedVolumeMl":0}]""",
            (await api.GetAsync("/api/stats/purposes")).GetProperty("purposes").GetRawText()
        );
        Assert.Equal(
            """[{"purpose":"sale","pours":1,"volumeMl":400,"proposedPours":0,"proposedVolumeMl":0},{"purpose":"foam","pours":1,"volumeMl":300,"proposedPours":0,"proposedVolumeMl":0}]""",
            (await api.GetAsync("/api/stats/purposes?tap=2")).GetProperty("purposes").GetRawText()
        );
    }

    [Fact]
    public async Task What_a_beer_was_for_can_be_said_later_and_changes_no_total()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        var ids = await api.PourAllAsync((tap, 500), (tap, 400));
        var before = (await api.GetAsync($"/api/taps/{tap}")).GetRawText();

        using var patched = await api.Admin.PatchAsync($"/api/beers/{ids[0]}", Api.Json("""{"purpose":"foam","reason":"The keg ran empty"}"""));
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        var beer = (await Api.ReadAsync(patched)).GetProperty("beer");
        Assert.Equal(("foam", "The keg ran empty"), (beer.GetProperty("purpose").GetString(), beer.GetProperty("reason").GetString()));
        Assert.Equal(beer.GetRawText(), (await api.GetAsync($"/api/beers/{ids[0]}")).GetProperty("beer").GetRawText());
        using var again = await api.PostAsync("/api/beers", $$"""{"tapId":{{tap}},"volume":500,"id":"{{ids[0]}}","purpose":"sale"}""");
        Assert.Equal("foam", (await Api.ReadAsync(again)).GetProperty("beer").GetProperty("purpose").GetString());
        Assert.Equal(["foam", "sale"], await PurposesAsync(api, $"?tap={tap}"));
        Assert.Equal(before, (await api.GetAsync($"/api/taps/{tap}")).GetRawText());

        using var back = await api.Admin.PatchAsync($"/api/beers/{ids[0]}", Api.Json("""{"purpose":"sale"}"""));
        var sale = (await Api.ReadAsync(back)).GetProperty("beer");
        Assert.False(sale.TryGetProperty("reason", out _) || sale.TryGetProperty("purpose", out _));
    }

    [Fact]
    public async Task Only_an_admin_says_what_a_stored_beer_was_for_in_words_that_there_are()
    {
        var api = await Api.SharedAsync(servers);
        var number = Api.NewTap();
        var id = (await api.PourAllAsync((number, 500)))[0];
        foreach (
            var body in (string[])
                ["{}", """{"purpose":"gift"}""", """{"purpose":null}""", """{"purpose":1}""", """{"purpose":"foam","reason":" "}""", "[]"]
        )
        {
            using var refused = await api.Admin.PatchAsync($"/api/beers/{id}", Api.Json(body));
            await Api.ProblemAsync(refused, 400);
        }

        using var missing = await api.Admin.PatchAsync($"/api/beers/{Guid.NewGuid()}", Api.Json("""{"purpose":"foam"}"""));
        await Api.ProblemAsync(missing, 404);
        using var anonymous = await api.Anonymous.PatchAsync($"/api/beers/{id}", Api.Json("""{"purpose":"foam"}"""));
        await Api.ProblemAsync(anonymous, 401);
        using var token = await api.PostAsync("/api/taps", $$"""{"id":{{number}},"name":"Bar left"}""");
        using var made = await api.PostAsync($"/api/taps/{number}/token", "");
        using var tap = api.With((await Api.ReadAsync(made)).GetProperty("token").GetString()!);
        using var ofTap = await tap.PatchAsync($"/api/beers/{id}", Api.Json("""{"purpose":"foam"}"""));
        await Api.ProblemAsync(ofTap, 403);
        (await api.Admin.DeleteAsync($"/api/beers/{id}")).Dispose();
        using var deleted = await api.Admin.PatchAsync($"/api/beers/{id}", Api.Json("""{"purpose":"foam"}"""));
        await Api.ProblemAsync(deleted, 404);
    }

    private static async Task<List<string?>> PurposesAsync(Api api, string query) =>
        [.. (await api.GetAsync($"/api/beers{query}")).GetProperty("beers").EnumerateArray().Select(PurposeOf)];

    // A sale says nothing.
    private static string? PurposeOf(JsonElement beer) => beer.TryGetProperty("purpose", out var purpose) ? purpose.GetString() : "sale";
}
