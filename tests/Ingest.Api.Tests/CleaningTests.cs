using System.Globalization;
using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class CleaningTests(Servers servers)
{
    [Fact]
    public async Task Beers_of_a_tap_in_cleaning_mode_are_no_sales_and_those_before_are_only_proposed_until_somebody_accepts()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":1,"name":"Bar left"}""");
        var sold = await api.PourAllAsync((1, 500), (1, 400), (1, 300));
        using var off = await api.Anonymous.GetAsync("/api/taps/1/cleaning");
        await Api.ProblemAsync(off, 404);

        var from = DateTimeOffset.UtcNow.AddHours(-1).ToString("O", CultureInfo.InvariantCulture);
        var put = await Api.ReadAsync(await api.Admin.PutAsync("/api/taps/1/cleaning", Api.Json($$"""{"from":"{{from}}"}""")));
        Assert.Equal((3, JsonValueKind.Null), (put.GetProperty("proposed").GetInt32(), put.GetProperty("until").ValueKind));
        Assert.Equal(put.GetProperty("from").GetRawText(), (await api.GetAsync("/api/taps/1/cleaning")).GetProperty("from").GetRawText());
        var cleaned = (await api.PourAllAsync((1, 1_000)))[0];

        var beer = (await api.GetAsync($"/api/beers/{cleaned}")).GetProperty("beer");
        Assert.Equal(("cleaning", "cleaning-window"), (beer.GetProperty("purpose").GetString(), beer.GetProperty("rule").GetString()));
        Assert.False(beer.TryGetProperty("proposedPurpose", out _));
        var proposed = (await api.GetAsync("/api/beers?proposed=true&tap=1")).GetProperty("beers").EnumerateArray().ToList();
        Assert.Equal(sold, proposed.Select(item => item.GetProperty("id").GetGuid()));
        Assert.All(
            proposed,
            item => Assert.Equal(("cleaning", false), (item.GetProperty("proposedPurpose").GetString(), item.TryGetProperty("purpose", out _)))
        );
        Assert.Equal(cleaned, (await api.GetAsync("/api/beers?proposed=false")).GetProperty("beers")[0].GetProperty("id").GetGuid());
        Assert.Equal((1_200m, 1_200m, 1_000m), await VarianceAsync());
        Assert.Equal(
            """[{"purpose":"sale","pours":3,"volumeMl":1200,"proposedPours":0,"proposedVolumeMl":0},{"purpose":"cleaning","pours":1,"volumeMl":1000,"proposedPours":3,"proposedVolumeMl":1200}]""",
            (await api.GetAsync("/api/stats/purposes")).GetProperty("purposes").GetRawText()
        );

        // One is declined, one is said to be something else, the rest is accepted at once.
        using var declined = await api.Admin.PatchAsync($"/api/beers/{sold[0]}", Api.Json("""{"proposal":"decline"}"""));
        Assert.False((await Api.ReadAsync(declined)).GetProperty("beer").TryGetProperty("rule", out _));
        using var again = await api.Admin.PatchAsync($"/api/beers/{sold[0]}", Api.Json("""{"proposal":"accept"}"""));
        await Api.ProblemAsync(again, 409);
        (await api.Admin.PatchAsync($"/api/beers/{sold[1]}", Api.Json("""{"purpose":"sale"}"""))).Dispose();
        using var accepted = await api.Admin.PatchAsync("/api/beers", Api.Json($$"""{"tapId":1,"proposal":"accept","from":"{{from}}"}"""));
        Assert.Equal(1, (await Api.ReadAsync(accepted)).GetProperty("changed").GetInt32());
        Assert.Equal((900m, 0m, 1_300m), await VarianceAsync());

        Assert.Equal(HttpStatusCode.NoContent, (await api.Admin.DeleteAsync("/api/taps/1/cleaning")).StatusCode);
        using var ended = await api.Admin.DeleteAsync("/api/taps/1/cleaning");
        await Api.ProblemAsync(ended, 404);
        await api.PourAllAsync((1, 100));
        Assert.Equal((1_000m, 0m, 1_300m), await VarianceAsync());

        async Task<(decimal Poured, decimal Proposed, decimal NotSold)> VarianceAsync()
        {
            var row = (await api.GetAsync("/api/stats/variance?by=tap")).GetProperty("rows")[0];
            return (row.GetProperty("poured").GetDecimal(), row.GetProperty("proposed").GetDecimal(), row.GetProperty("notSold").GetDecimal());
        }
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"Bar left"}""");
        foreach (
            var (body, status) in ((string, int)[])
                [
                    ("", 400),
                    ("[]", 400),
                    ("""{"until":"soon"}""", 400),
                    ("""{"till":"2026-03-01T20:15:04Z"}""", 400),
                    ("""{"until":"2026-03-01T20:15:04Z"}""", 422),
                    ("""{"until":"2099-03-01T20:15:04Z"}""", 422),
                    ("""{"from":"2099-03-01T20:15:04Z"}""", 422),
                    ("""{"from":"2026-03-01T20:15:04Z"}""", 422),
                ]
        )
        {
            using var refused = await api.Admin.PutAsync($"/api/taps/{tap}/cleaning", Api.Json(body));
            await Api.ProblemAsync(refused, status);
        }

        foreach (
            var body in (string[])
                [
                    "{}",
                    """{"tapId":1}""",
                    """{"tapId":0,"proposal":"accept"}""",
                    """{"tapId":1,"proposal":"maybe"}""",
                    """{"tapId":1,"proposal":"accept","from":"yesterday"}""",
                ]
        )
        {
            using var refused = await api.Admin.PatchAsync("/api/beers", Api.Json(body));
            await Api.ProblemAsync(refused, 400);
        }

        using var both = await api.Admin.PatchAsync($"/api/beers/{Guid.NewGuid()}", Api.Json("""{"purpose":"foam","proposal":"accept"}"""));
        await Api.ProblemAsync(both, 400);
        using var wrong = await api.Anonymous.GetAsync("/api/beers?proposed=maybe");
        await Api.ProblemAsync(wrong, 400);
        using var unknown = await api.Admin.PutAsync($"/api/taps/{Api.NewTap()}/cleaning", Api.Json("{}"));
        await Api.ProblemAsync(unknown, 404);
        using var anonymous = await api.Anonymous.PutAsync($"/api/taps/{tap}/cleaning", Api.Json("{}"));
        await Api.ProblemAsync(anonymous, 401);
        using var anyone = await api.Anonymous.PatchAsync("/api/beers", Api.Json("""{"tapId":1,"proposal":"accept"}"""));
        await Api.ProblemAsync(anyone, 401);
    }
}
