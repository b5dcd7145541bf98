using System.Net.Http.Headers;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class SalesImportTests(Servers servers)
{
    private const string German =
        "/api/sales/import?format=csv&time_column=Datum&beverage_column=Artikel&volume_column=ml&number_column=Menge&price_column=Preis";

    [Fact]
    public async Task A_file_with_semicolons_decimal_commas_and_a_byte_order_mark_is_understood_and_importing_it_twice_adds_nothing()
    {
        await using var api = await StartAsync();
        // The first line twice: two sales of the same minute.
        var file =
            "\uFEFFDatum;Artikel;ml;Menge;Preis;Kasse\r\n"
            + "01.03.2026 20:15;\"Pils \";500;2;4,90;1\r\n"
            + "01.03.2026 20:15;Pils;500;2;4,90;1\r\n"
            + "\r\n"
            + "2026-07-01 20:15:30;stout;473,25;;;2\r\n"
            + "2026-07-01T20:15:30Z;\"Stout; dry\";473,25;1;5;2";

        var dry = await ImportAsync(api, $"{German}&dry_run=true", file);
        Assert.Equal((4, 0, 0), CountsOf(dry));
        Assert.Equal(
            [
                """{"time":"2026-03-01T19:15:00Z","tapId":null,"beverage":"Pils","volumeMl":500,"count":2,"price":4.9}""",
                """{"time":"2026-03-01T19:15:00Z","tapId":null,"beverage":"Pils","volumeMl":500,"count":2,"price":4.9}""",
                """{"time":"2026-07-01T18:15:30Z","tapId":null,"beverage":"Stout","volumeMl":473.25,"count":1,"price":null}""",
                """{"time":"2026-07-01T20:15:30Z","tapId":null,"beverage":"Stout; dry","volumeMl":473.25,"count":1,"price":5}""",
            ],
            dry.GetProperty("first").EnumerateArray().Select(sale => $"{{{sale.GetRawText()[(sale.GetRawText().IndexOf(',') + 1)..]}")
        );
        Assert.Equal((4, 0, 0), CountsOf(await ImportAsync(api, German, file)));
        Assert.Equal((0, 4, 0), CountsOf(await ImportAsync(api, German, file)));
        Assert.Equal((0, 4, 0), CountsOf(await ImportAsync(api, $"{German}&dry_run=true", file)));
        // A longer export that has the same lines in it, with commas and in JSON, adds what is new.
        Assert.Equal(
            (1, 2, 0),
            CountsOf(
                await ImportAsync(
                    api,
                    "/api/sales/import?format=csv",
                    "volume,time,beverage,number,price\n500,2026-03-01 20:15,PILS,2,4.9\n500,2026-03-01 20:15,PILS,2,4.90\n500,2026-03-01 20:15,PILS,2,4.9\n"
                )
            )
        );
        Assert.Equal(
            (1, 1, 0),
            CountsOf(
                await ImportAsync(
                    api,
                    "/api/sales/import?format=jsonl",
                    """
                    {"time":"2026-07-01T18:15:30Z","beverage":"Stout","volume":473.25,"till":{"id":2}}
                    {"time":"2026-07-01T18:15:30Z","tap":7,"glass":"Krug","number":"3"}
                    """
                )
            )
        );
    }

    [Fact]
    public async Task With_one_bad_line_nothing_is_stored_and_each_is_told_what_to_do()
    {
        await using var api = await StartAsync();
        const string Good = "2026-03-01 20:15,Pils,,500,,1,4.90\n";
        var file =
            "time,beverage,tap,volume,glass,number,price\n"
            + Good
            + "yesterday,Pils,,500,,1,4.90\n"
            + "2026-03-29 02:30,Pils,,500,,1,4.90\n"
            + "2026-03-01 20:15,Helles,,500,,1,4.90\n"
            + "2026-03-01 20:15,,8,500,,1,4.90\n"
            + "2026-03-01 20:15,Pils,,-500,,1,4.90\n"
            + "2026-03-01 20:15,Pils,,0.5,,1,4.90\n"
            + "2026-03-01 20:15,Pils,,\"473,25\",,1,4.90\n"
            + "2026-03-01 20:15,Pils,,500,,1,4,90\n"
            + "2026-03-01 20:15,Pils,,,Pint,1,4.90\n"
            + "2026-03-01 20:15,Pils,,,,1,4.90\n"
            + "2026-03-01 20:15,Pils,,500,,1.5,4.90\n"
            + "2026-03-01 20:15,,,500,,1,4.90\n"
            + "2026-03-01 20:15,Pi\"ls,,500,,1,4.90\n";
        (int Line, string Words)[] wrong =
        [
            (3, "'yesterday' is no time; write it as"),
            (4, "never was on the clock of Europe/Berlin"),
            (5, "No keg ever had the beverage 'Helles'"),
            (6, "Tap 8 does not exist"),
            (7, "in mL, 10 to 100000: half a litre is 500"),
            (8, "in mL, 10 to 100000: half a litre is 500"),
            (9, "'473,25' has a comma"),
            (10, "8 cells and the header 7"),
            (11, "The glass 'Pint' has no volume; set Venue__Glasses__NAME"),
            (12, "Neither 'volume' nor 'glass'"),
            (13, "'1.5' is no whole number"),
            (14, "Name the tap or the beverage"),
            (15, "A quote stands where none can be"),
        ];

        using var refused = await api.PostAsync("/api/sales/import?format=csv", file);
        var results = (await Api.ProblemAsync(refused, 422)).GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(wrong.Select(line => line.Line), results.Select(result => result.GetProperty("line").GetInt32()));
        Assert.All(wrong.Zip(results), line => Assert.Contains(line.First.Words, line.Second.GetProperty("detail").GetString()));

        var dry = await ImportAsync(api, "/api/sales/import?format=csv&dry_run=true", file);
        Assert.Equal((1, 0, 13), CountsOf(dry));
        Assert.Equal(
            (2, 201),
            (dry.GetProperty("results")[0].GetProperty("line").GetInt32(), dry.GetProperty("results")[0].GetProperty("status").GetInt32())
        );
        // Nothing of it is there.
        Assert.Equal((1, 0, 0), CountsOf(await ImportAsync(api, "/api/sales/import?format=csv", $"{file.Split('\n')[0]}\n{Good}")));
    }

    [Fact]
    public async Task A_time_without_a_zone_is_on_the_clock_of_the_venue_also_when_that_changes()
    {
        await using var api = await StartAsync();
        var dry = await ImportAsync(
            api,
            "/api/sales/import?format=csv&dry_run=true",
            "time,tap,volume\n2026-03-29 01:59,7,500\n2026-03-29 03:00,7,500\n2026-10-25 01:59,7,500\n2026-10-25 02:30,7,500\n2026-10-25T02:30:00+01:00,7,500\n2026-10-25 03:00,7,500\n"
        );
        Assert.Equal(
            [
                "2026-03-29T00:59:00Z",
                "2026-03-29T01:00:00Z",
                "2026-10-24T23:59:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:30:00Z",
                "2026-10-25T02:00:00Z",
            ],
            dry.GetProperty("first").EnumerateArray().Select(sale => sale.GetProperty("time").GetString())
        );
    }

    [Theory]
    [InlineData(
        "format=csv",
        "beverage,volume\nPils,500\n",
        422,
        "The file has no column 'time'; its first line has: beverage, volume. Say with 'time_column'"
    )]
    [InlineData("format=csv&time_column=Datum", "time,tap,volume\n2026-03-01 20:15,7,500\n", 422, "The file has no column 'Datum'")]
    [InlineData("format=csv", "time,volume\n2026-03-01 20:15,500\n", 422, "no column 'beverage' and no 'tap'")]
    [InlineData("format=csv", "time,tap,number\n2026-03-01 20:15,7,5\n", 422, "no column 'volume' and no 'glass'")]
    [InlineData("format=csv", "time,tap,volume,Time\n2026-03-01 20:15,7,5,\n", 422, "two columns 'time'")]
    [InlineData("format=csv", "time;tap;volume\n2026-03-01 20:15;7;1.000\n", 422, "'1.000' may be a thousand or one")]
    [InlineData("format=csv", "time,tap,volume\n", 400, "1 to 10000 sales")]
    [InlineData("format=csv", "", 400, "The file is empty")]
    [InlineData("format=csv", "time,tap,volume\n2026-03-01 20:15,7,\"500\n2026-03-01 20:15,7,500\n", 422, "Nothing was stored: 1 of the lines")]
    [InlineData("format=jsonl", "{\"time\":1,\n", 422, "The line is not valid JSON")]
    [InlineData("format=xml", "<a/>", 400, "The parameter 'format' must be 'csv' or 'jsonl'.")]
    [InlineData("format=csv&dry_run=perhaps", "<a/>", 400, "The parameter 'dry_run' must be true or false.")]
    [InlineData("dry_run=true", "<a/>", 400, "The parameter 'format' must be given.")]
    public async Task A_file_that_cannot_be_understood_is_refused_with_what_to_do(string query, string file, int status, string words)
    {
        var api = await Api.SharedAsync(servers);
        using var refused = await api.PostAsync($"/api/sales/import?{query}", file);
        Assert.Contains(words, (await Api.ProblemAsync(refused, status)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_file_has_its_limits_and_must_be_UTF_8()
    {
        var api = await Api.SharedAsync(servers);
        using var large = await api.PostLargeAsync("/api/sales/import?format=csv", new string(' ', (4 * 1024 * 1024) + 1));
        await Api.ProblemAsync(large, 413);
        using var name = await api.PostAsync($"/api/sales/import?format=csv&time_column={new string('x', 101)}", "x");
        Assert.True((await Api.ProblemAsync(name, 400)).GetProperty("errors").TryGetProperty("time_column", out _));
        var lines = string.Concat(Enumerable.Repeat("2026-03-01 20:15,7,500\n", 10_001));
        using var many = await api.PostAsync("/api/sales/import?format=csv", $"time,tap,volume\n{lines}");
        await Api.ProblemAsync(many, 400);
        using var latin = new ByteArrayContent([.. "time,beverage,volume\n2026-03-01 20:15,K"u8, 0xF6, .. "lsch,500\n"u8]);
        latin.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var unreadable = await api.Admin.PostAsync("/api/sales/import?format=csv", latin);
        Assert.Contains("save it as UTF-8", (await Api.ProblemAsync(unreadable, 400)).GetProperty("detail").GetString());
    }

    private async Task<Api> StartAsync()
    {
        var api = await Api.StartAsync(servers, ("Venue:TimeZone", "Europe/Berlin"), ("Venue:Glasses:krug", "1000"));
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        foreach (var beverage in (string[])["Pils", "Stout", "Stout; dry"])
        {
            await api.PostAsync("/api/kegs", $$"""{"beverage":"{{beverage}}","sizeMl":30000}""");
        }

        return api;
    }

    private static async Task<JsonElement> ImportAsync(Api api, string path, string file)
    {
        using var response = await api.PostAsync(path, file);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await Api.ReadAsync(response);
    }

    private static (int Added, int Known, int Wrong) CountsOf(JsonElement import) =>
        (import.GetProperty("added").GetInt32(), import.GetProperty("known").GetInt32(), import.GetProperty("wrong").GetInt32());
}
