using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class BeveragesTests(Servers servers)
{
    [Fact]
    public async Task A_beverage_is_known_by_its_name_and_kegs_and_sales_follow_a_new_one()
    {
        await using var api = await Api.StartAsync(servers);
        using var posted = await api.PostAsync(
            "/api/beverages",
            """{"name":"Märzen","brewery":"Hof","style":"Märzen","abvPercent":5.8,"ibu":24,"colorEbc":22,"pictureUrl":"https://a.example/m.png","pricePerLitre":9.8}"""
        );
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var path = posted.Headers.Location!.OriginalString;
        var beverage = await api.GetAsync(path);
        Assert.Equal(("#d77200", 11.2m), (beverage.GetProperty("tint").GetString(), beverage.GetProperty("colorSrm").GetDecimal()));
        using var twice = await api.PostAsync("/api/beverages", """{"name":"MäRZEN"}""");
        await Api.ProblemAsync(twice, 409);

        // A keg makes the beverage that it names, and one that is there gives its name.
        using var keg = await api.PostAsync("/api/kegs", """{"beverage":"märzen","sizeMl":30000}""");
        Assert.Equal("Märzen", (await Api.ReadAsync(keg)).GetProperty("beverage").GetString());
        (await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":30000}""")).Dispose();
        Assert.Equal(["Märzen", "Pils"], await NamesAsync(api, ""));
        using var sold = await api.PostAsync("/api/sales", $$"""[{"time":"{{DateTimeOffset.UtcNow:O}}","beverage":"MÄRZEN","volumeMl":500}]""");

        using var seen = await api.Anonymous.GetAsync(path);
        using var renamed = await PatchAsync(api, path, """{"name":"Festbier","style":null,"ibu":25}""", seen.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        using var stale = await PatchAsync(api, path, """{"ibu":26}""", seen.Headers.ETag!.Tag);
        Assert.Contains("Festbier", (await Api.ProblemAsync(stale, 412)).GetProperty("detail").GetString());
        beverage = await api.GetAsync(path);
        Assert.Equal(
            (JsonValueKind.Null, 25m, 5.8m),
            (beverage.GetProperty("style").ValueKind, Number(beverage, "ibu"), Number(beverage, "abvPercent"))
        );
        Assert.Equal(
            ["Festbier", "Pils"],
            (await api.GetAsync("/api/kegs")).GetProperty("kegs").EnumerateArray().Select(k => k.GetProperty("beverage").GetString())
        );
        Assert.Equal("Festbier", (await api.GetAsync("/api/stats/variance")).GetProperty("rows")[0].GetProperty("key").GetString());
        using var taken = await PatchAsync(api, path, """{"name":"pils"}""");
        await Api.ProblemAsync(taken, 409);
        Assert.Contains("Festbier", (await api.GetAsync("/api/kegs")).GetRawText());

        // What has kegs is archived, not deleted.
        using var used = await api.Admin.DeleteAsync(path);
        await Api.ProblemAsync(used, 409);
        using var archived = await PatchAsync(api, path, """{"archived":true}""");
        Assert.Equal(["Pils"], await NamesAsync(api, "?archived=false"));
        using var free = await api.PostAsync("/api/beverages", """{"name":"Anything"}""");
        Assert.Equal(
            ["Anything", "Festbier", "Pils"],
            (await NamesAsync(api, "?page_size=1")).Concat(await NamesAsync(api, $"?after={(await Api.ReadAsync(free)).GetProperty("id").GetGuid()}"))
        );
        using var deleted = await api.Admin.DeleteAsync(free.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    private static Task<HttpResponseMessage> PatchAsync(Api api, string path, string json, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = Api.Json(json) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return api.Admin.SendAsync(request);
    }

    private static async Task<IEnumerable<string?>> NamesAsync(Api api, string query) =>
        (await api.GetAsync($"/api/beverages{query}")).GetProperty("beverages").EnumerateArray().Select(row => row.GetProperty("name").GetString());

    private static decimal Number(JsonElement json, string member) => json.GetProperty(member).GetDecimal();
}
