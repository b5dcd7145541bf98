using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class SalesTests(Servers servers)
{
    private static readonly Guid Id = Guid.Parse("0199f5a0-0000-7000-8000-000000000001");

    [Fact]
    public async Task Each_sale_of_a_batch_has_its_answer_and_an_id_counts_once()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":30000}""");
        var batch = $$"""
            [{"id":"{{Id}}","time":"2026-03-01T20:15:04+01:00","beverage":"pILS","volumeMl":500.0004,"count":2,"price":4.9},
             {"time":"2026-03-01T20:15:04Z","tapId":7,"volumeMl":300},
             {"id":"{{Id}}","time":"2026-03-02T20:15:04Z","tapId":7,"volumeMl":100},
             {"time":"2026-03-01T20:15:04Z","beverage":"Stout","volumeMl":300},
             {"time":"2026-03-01T20:15:04Z","tapId":8,"volumeMl":300},
             {"time":"2026-03-01T20:15:04Z","tapId":7,"volumeMl":-300},
             {"time":"2026-03-01T20:15:04","tapId":7,"volumeMl":300},
             {"time":"1999-03-01T20:15:04Z","tapId":7,"volumeMl":300},
             {"time":"2026-03-01T20:15:04Z","volumeMl":300},
             {"time":"2026-03-01T20:15:04Z","tapId":7,"volumeMl":300,"count":0},
             {"time":"2026-03-01T20:15:04Z","tapId":7,"volumeMl":300,"prize":1},
             {"time":"2026-03-01T20:15:04Z","tapId":7},
             7]
            """;
        var results = await SellAsync(api, batch);

        Assert.Equal(
            [201, 201, 200, 422, 422, 422, 400, 422, 422, 422, 400, 400, 400],
            results.Select(result => result.GetProperty("status").GetInt32())
        );
        Assert.Equal(
            $$"""{"id":"{{Id}}","time":"2026-03-01T19:15:04Z","tapId":null,"beverage":"Pils","volumeMl":500,"count":2,"price":4.9}""",
            results[0].GetProperty("sale").GetRawText()
        );
        Assert.Equal(results[0].GetProperty("sale").GetRawText(), results[2].GetProperty("sale").GetRawText());
        Assert.Equal("beverage", results[3].GetProperty("member").GetString());
        Assert.Contains("No keg ever had the beverage 'Stout'", results[3].GetProperty("detail").GetString());
        Assert.Contains("Tap 8 does not exist", results[4].GetProperty("detail").GetString());
        Assert.Equal("volumeMl", results[5].GetProperty("member").GetString());
        Assert.Equal([200, 201], (await SellAsync(api, batch)).Take(2).Select(result => result.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Sales_are_listed_newest_first_by_tap_beverage_and_time_and_one_that_never_was_is_deleted()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":30000}""");
        // Three of one moment, as tills have them.
        var results = await SellAsync(
            api,
            """
            [{"time":"2026-03-01T20:15:00Z","tapId":7,"volumeMl":100},{"time":"2026-03-01T20:16:00Z","beverage":"pils","volumeMl":200},
             {"time":"2026-03-01T20:15:00Z","tapId":7,"volumeMl":300},{"time":"2026-03-01T20:15:00Z","tapId":7,"volumeMl":400}]
            """
        );
        var all = await ListAsync("?page_size=500");
        Assert.Equal([200, 100, 300, 400], (int[])[all[0].VolumeMl, .. all.Skip(1).Select(sale => sale.VolumeMl).Order()]);
        var (paged, next) = (new List<Guid>(), "/api/sales?page_size=1");
        while (next.Length > 0)
        {
            using var page = await api.Admin.GetAsync(next);
            paged.AddRange((await Api.ReadAsync(page)).GetProperty("sales").EnumerateArray().Select(sale => sale.GetProperty("id").GetGuid()));
            next = page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : "";
        }

        Assert.Equal(all.Select(sale => sale.Id), paged);
        Assert.Equal(3, (await ListAsync("?tap=7&from=2026-03-01&to=2026-03-02")).Count);
        Assert.Equal(200, Assert.Single(await ListAsync("?beverage=Pils&from=2026-03-01T20:16:00Z")).VolumeMl);
        Assert.Empty(await ListAsync("?to=2026-03-01T20:15:00Z"));

        var id = results[0].GetProperty("sale").GetProperty("id").GetGuid();
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await api.Admin.DeleteAsync($"/api/sales/{id}")).StatusCode);
        using var gone = await api.Admin.DeleteAsync($"/api/sales/{id}");
        await Api.ProblemAsync(gone, 404);
        Assert.DoesNotContain(await ListAsync(""), sale => sale.Id == id);
        foreach (var query in (string[])["?after=1", "?after=9999999999999999999-" + Id, "?tap=0", "?from=soon"])
        {
            using var refused = await api.Admin.GetAsync($"/api/sales{query}");
            await Api.ProblemAsync(refused, 400);
        }

        using var anonymous = await api.Anonymous.GetAsync("/api/sales");
        await Api.ProblemAsync(anonymous, 401);

        async Task<List<(Guid Id, int VolumeMl)>> ListAsync(string query)
        {
            using var response = await api.Admin.GetAsync($"/api/sales{query}");
            return
            [
                .. (await Api.ReadAsync(response))
                    .GetProperty("sales")
                    .EnumerateArray()
                    .Select(sale => (sale.GetProperty("id").GetGuid(), (int)sale.GetProperty("volumeMl").GetDecimal())),
            ];
        }
    }

    [Fact]
    public async Task What_is_no_batch_and_who_is_not_the_admin_is_refused()
    {
        var api = await Api.SharedAsync(servers);
        foreach (var body in (string[])["[]", "{}", "7", "[", $"[{string.Join(',', Enumerable.Repeat("{}", 1_001))}]"])
        {
            using var refused = await api.PostAsync("/api/sales", body);
            await Api.ProblemAsync(refused, 400);
        }

        foreach (var path in (string[])["/api/sales", "/api/sales/import?format=csv"])
        {
            using var anonymous = await api.Anonymous.PostAsync(path, Api.Json("[]"));
            await Api.ProblemAsync(anonymous, 401);
        }
    }

    [Theory]
    [InlineData("Venue:TimeZone", "Mars/Olympus", "Venue:TimeZone must be an IANA name")]
    [InlineData("Venue:TimeZone", "W. Europe Standard Time", "Venue:TimeZone must be an IANA name")]
    [InlineData("Venue:DayEnds", "24:00:00", "DayEnds")]
    [InlineData("Venue:Glasses:pint", "0.568", "Venue:Glasses must have 10 to 100000 mL each")]
    public async Task A_venue_that_cannot_be_is_refused_at_start(string key, string value, string words)
    {
        var refused = await Api.RefusedAsync(servers, (key, value));
        Assert.Contains(words, refused.ToString());
    }

    private static async Task<List<JsonElement>> SellAsync(Api api, string batch)
    {
        using var response = await api.PostAsync("/api/sales", batch);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return [.. (await Api.ReadAsync(response)).GetProperty("results").EnumerateArray()];
    }
}
