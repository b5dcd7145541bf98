using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class VarianceTests(Servers servers)
{
    [Fact]
    public async Task What_was_poured_and_not_sold_is_told_by_beverage_and_by_tap()
    {
        await using var api = await Api.StartAsync(servers);
        await TapAsync(api, 7, "Pils");
        await TapAsync(api, 8, "Stout, \"dry\"");
        var pours = await api.PourAllAsync((7, 500), (7, 500), (7, 500.125m), (8, 300), (9, 250), (7, 400), (7, 900));
        (await api.Admin.PatchAsync($"/api/beers/{pours[5]}", Api.Json("""{"purpose":"cleaning"}"""))).Dispose();
        (await api.Admin.DeleteAsync($"/api/beers/{pours[6]}")).Dispose();
        var now = DateTimeOffset.UtcNow.ToString("O");
        // Of what is sold by its name the tap is known, and of what is sold at a tap the beverage.
        await SellAsync(
            api,
            $$"""
            [{"time":"{{now}}","beverage":"pils","volumeMl":500,"price":5},{"time":"{{now}}","tapId":7,"volumeMl":250,"count":2,"price":2},
             {"time":"{{now}}","tapId":8,"volumeMl":400}]
            """
        );

        Assert.Equal(
            [
                """{"key":"Pils","poured":1500.125,"notSold":400,"sold":1000,"difference":500.125,"percent":33.34,"price":4.5,"cost":null,"proposed":0}""",
                """{"key":"Stout, \"dry\"","poured":300,"notSold":0,"sold":400,"difference":-100,"percent":-33.33,"price":null,"cost":null,"proposed":0}""",
                """{"key":null,"poured":250,"notSold":0,"sold":0,"difference":250,"percent":100,"price":null,"cost":null,"proposed":0}""",
            ],
            await RowsAsync(api, "")
        );
        Assert.Equal(
            [
                """{"key":"7","poured":1500.125,"notSold":400,"sold":1000,"difference":500.125,"percent":33.34,"price":4.5,"cost":null,"proposed":0}""",
                """{"key":"8","poured":300,"notSold":0,"sold":400,"difference":-100,"percent":-33.33,"price":null,"cost":null,"proposed":0}""",
                """{"key":"9","poured":250,"notSold":0,"sold":0,"difference":250,"percent":100,"price":null,"cost":null,"proposed":0}""",
            ],
            await RowsAsync(api, "?by=tap")
        );
        using var csv = await api.Anonymous.GetAsync("/api/stats/variance?by=beverage&format=csv");
        Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            [
                "beverage,poured,notSold,sold,difference,percent,price,cost,currency,proposed",
                "Pils,1500.125,400,1000,500.125,33.34,4.5,,EUR,0",
                "\"Stout, \"\"dry\"\"\",300,0,400,-100,-33.33,,,EUR,0",
                ",250,0,0,250,100,,,EUR,0",
                "",
            ],
            (await csv.Content.ReadAsStringAsync()).ReplaceLineEndings("\n").Split('\n')
        );
    }

    [Fact]
    public async Task What_is_missing_has_its_cost_and_its_price_to_the_cent_whatever_the_kegs_cost()
    {
        await using var api = await Api.StartAsync(servers, ("Venue:Currency", "GBP"));
        await api.PostAsync("/api/beverages", """{"name":"Pils","pricePerLitre":10}""");
        await TapAsync(api, 7, "Pils", cost: "100");
        await api.PourAllAsync(Enumerable.Repeat((7, 333.333m), 3));
        // In the middle comes a keg that costs a third, which no float holds.
        await TapAsync(api, 7, "Pils", cost: "10.0001", sizeMl: 30_000);
        await api.PourAllAsync((7, 1_000));
        // By another price than that of the list, and of another beverage's keg, whose cost nobody knows.
        await TapAsync(api, 8, "Stout");
        await api.PourAllAsync((8, 500));

        // 1.999999 L poured: 0.999999 L for 3.33333 and 1 L for 0.33333667 are 3.66666.
        Assert.Equal(
            [
                """{"key":"Pils","poured":1999.999,"notSold":0,"sold":0,"difference":1999.999,"percent":100,"price":20,"cost":3.67,"proposed":0}""",
                """{"key":"Stout","poured":500,"notSold":0,"sold":0,"difference":500,"percent":100,"price":null,"cost":null,"proposed":0}""",
            ],
            await RowsAsync(api, "")
        );
        Assert.Equal("GBP", (await api.GetAsync("/api/stats/variance")).GetProperty("currency").GetString());
        await SellAsync(api, $$"""[{"time":"{{DateTimeOffset.UtcNow:O}}","beverage":"pils","volumeMl":999.999,"price":5}]""");
        Assert.Contains(
            """{"key":"Pils","poured":1999.999,"notSold":0,"sold":999.999,"difference":1000,"percent":50,"price":5,"cost":1.83,"proposed":0}""",
            await RowsAsync(api, "")
        );
        foreach (var by in (string[])["tap", "hour", "day"])
        {
            var rows = (await api.GetAsync($"/api/stats/variance?by={by}")).GetProperty("rows").EnumerateArray();
            Assert.Contains(rows, row => row.GetProperty("cost").ValueKind is JsonValueKind.Number);
        }

        // A spreadsheet runs what begins like a formula.
        await TapAsync(api, 9, "=1+1");
        await api.PourAllAsync((9, 300));
        Assert.Contains("\n'=1+1,300,0,0,300,", await api.Anonymous.GetStringAsync("/api/stats/variance?format=csv"));
    }

    [Fact]
    public async Task Business_days_end_on_the_clock_of_the_venue_also_when_that_changes()
    {
        await using var api = await Api.StartAsync(servers, ("Venue:TimeZone", "Europe/Berlin"));
        // In the night to 25 October the clock is put back at 03:00, so that 04:00 is 03:00 in UTC; the day before it was 02:00.
        foreach (
            var (at, volume) in ((string, int)[])
                [
                    ("2026-10-24T01:59:59Z", 100),
                    ("2026-10-24T02:00:00Z", 200),
                    ("2026-10-25T02:59:59Z", 300),
                    ("2026-10-25T03:00:00Z", 400),
                    ("2026-10-26T02:59:59Z", 500),
                    ("2026-10-26T03:00:00Z", 600),
                ]
        )
        {
            await PourAsync(api, at, volume);
        }

        await SellAsync(
            api,
            """[{"time":"2026-10-25T02:59:59Z","tapId":7,"volumeMl":450,"price":9},{"time":"2026-10-25T03:00:00Z","tapId":7,"volumeMl":900}]"""
        );

        Assert.Equal(
            [
                """{"key":"2026-10-23","poured":100,"notSold":0,"sold":0,"difference":100,"percent":100,"price":null,"cost":null,"proposed":0}""",
                """{"key":"2026-10-24","poured":500,"notSold":0,"sold":450,"difference":50,"percent":10,"price":1,"cost":null,"proposed":0}""",
                """{"key":"2026-10-25","poured":900,"notSold":0,"sold":900,"difference":0,"percent":0,"price":null,"cost":null,"proposed":0}""",
                """{"key":"2026-10-26","poured":600,"notSold":0,"sold":0,"difference":600,"percent":100,"price":null,"cost":null,"proposed":0}""",
            ],
            await RowsAsync(api, "?by=day&from=2026-10-20&to=2026-10-27")
        );
        // A date alone is a business day of the venue.
        var one = await api.GetAsync("/api/stats/variance?by=day&from=2026-10-24&to=2026-10-25");
        Assert.Equal(("2026-10-24T02:00:00Z", "2026-10-25T03:00:00Z"), (one.GetProperty("from").GetString(), one.GetProperty("to").GetString()));
        Assert.Equal(500, Assert.Single(one.GetProperty("rows").EnumerateArray()).GetProperty("poured").GetDecimal());
        Assert.Equal(
            [("2026-10-25T02:00:00Z", 300m, 450m), ("2026-10-25T03:00:00Z", 400m, 900m)],
            (await api.GetAsync("/api/stats/variance?by=hour&from=2026-10-25T02:00:00Z&to=2026-10-25T04:00:00Z"))
                .GetProperty("rows")
                .EnumerateArray()
                .Select(row => (row.GetProperty("key").GetString()!, row.GetProperty("poured").GetDecimal(), row.GetProperty("sold").GetDecimal()))
        );
    }

    [Theory]
    [InlineData("by=glass", 400)]
    [InlineData("format=xml", 400)]
    [InlineData("from=yesterday", 400)]
    [InlineData("from=0001-01-01", 400)]
    [InlineData("from=2026-01-01&to=2026-03-01", 422)]
    public async Task What_cannot_be_told_is_refused(string query, int status)
    {
        var api = await Api.SharedAsync(servers);
        using var refused = await api.Anonymous.GetAsync($"/api/stats/variance?{query}");
        await Api.ProblemAsync(refused, status);
    }

    private static async Task TapAsync(Api api, int tap, string beverage, string cost = "null", int sizeMl = 30_000)
    {
        await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"a"}""");
        using var keg = await api.PostAsync(
            "/api/kegs",
            $$"""{"beverage":{{JsonSerializer.Serialize(beverage)}},"sizeMl":{{sizeMl}},"cost":{{cost}}}"""
        );
        var id = (await Api.ReadAsync(keg)).GetProperty("id").GetGuid();
        using var put = await api.Admin.PutAsync($"/api/taps/{tap}/keg", Api.Json($$"""{"kegId":"{{id}}"}"""));
        Assert.True(put.IsSuccessStatusCode);
    }

    private static async Task PourAsync(Api api, string at, int volume)
    {
        using var poured = await api.PostAsync("/api/beers", $$"""{"tapId":7,"volume":{{volume}},"pouredAt":"{{at}}"}""");
        var id = (await Api.ReadAsync(poured)).GetProperty("beer").GetProperty("id").GetGuid();
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{id}")).IsSuccessStatusCode, "it is stored");
    }

    private static async Task SellAsync(Api api, string sales)
    {
        using var sold = await api.PostAsync("/api/sales", sales);
        Assert.All(
            (await Api.ReadAsync(sold)).GetProperty("results").EnumerateArray(),
            result => Assert.True(result.GetProperty("status").GetInt32() == 201, result.GetRawText())
        );
    }

    private static async Task<IEnumerable<string>> RowsAsync(Api api, string query) =>
        (await api.GetAsync($"/api/stats/variance{query}")).GetProperty("rows").EnumerateArray().Select(row => row.GetRawText());
}
