using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class CalibrationsTests(Servers servers)
{
    private readonly int _tap = Api.NewTap();

    [Fact]
    public async Task A_beer_of_pulses_is_taken_in_at_once_and_has_its_volume_when_it_is_stored()
    {
        var api = await Api.SharedAsync(servers);
        await CalibrateAsync(api, """{"pulsesPerLitre":450}""");

        using var posted = await api.PostAsync("/api/beers", $$"""{"tapId":{{_tap}},"pulses":213,"odometer":90210,"durationMs":6400}""");
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var beer = (await Api.ReadAsync(posted)).GetProperty("beer");
        Assert.Equal(213, beer.GetProperty("pulses").GetInt32());
        Assert.False(beer.TryGetProperty("volume", out _) || beer.TryGetProperty("type", out _));

        var stored = (await api.StoredAsync($"/api/beers/{beer.GetProperty("id")}")).GetProperty("beer");
        Assert.Equal((473.333m, "pint"), (stored.GetProperty("volume").GetDecimal(), stored.GetProperty("type").GetString()));
        using var again = await api.PostAsync("/api/beers", $$"""{"tapId":{{_tap}},"pulses":213,"id":"{{beer.GetProperty("id")}}"}""");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(473.333m, (await Api.ReadAsync(again)).GetProperty("beer").GetProperty("volume").GetDecimal());

        using var batch = await api.PostAsync(
            "/api/beers/batch",
            $$"""
            [{"tapId":{{_tap}},"pulses":100},{"tapId":{{_tap}},"pulses":0},{"tapId":{{_tap}},"volume":300,"pulses":213},{"tapId":{{_tap}}},
             {"tapId":{{_tap}},"pulses":1.5}]
            """
        );
        var results = (await Api.ReadAsync(batch)).GetProperty("results").EnumerateArray().ToList();
        Assert.Equal([201, 422, 201, 422, 422], results.Select(result => result.GetProperty("status").GetInt32()));
        Assert.Equal(
            ["pulses", "volume", "pulses"],
            results.Where(result => result.TryGetProperty("member", out _)).Select(result => result.GetProperty("member").GetString())
        );
        await StoredAsync(api, 473.333m, 222.222m, 300);
    }

    [Fact]
    public async Task A_beer_of_pulses_at_a_tap_that_is_not_calibrated_goes_through_when_it_is_and_is_tried_again()
    {
        var api = await Api.SharedAsync(servers);
        await api.PostAsync("/api/taps", $$"""{"id":{{_tap}},"name":"Bar left"}""");
        using var posted = await api.PostAsync("/api/beers", $$"""{"tapId":{{_tap}},"pulses":213}""");
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        JsonElement letter = default;
        await Eventually.TrueAsync(
            async () =>
                (
                    letter = (await api.Admin.GetFromJsonAsync<JsonElement>($"/api/dead-letters?tap={_tap}"))
                        .GetProperty("deadLetters")
                        .EnumerateArray()
                        .FirstOrDefault(found => found.GetProperty("tap").GetString() == $"{_tap}")
                ).ValueKind is JsonValueKind.Object,
            "it is set aside"
        );
        Assert.StartsWith($"Tap {_tap} is not calibrated", letter.GetProperty("reason").GetString(), StringComparison.Ordinal);

        await CalibrateAsync(api, """{"pulsesPerLitre":450}""");
        using var requeued = await api.PostAsync($"/api/dead-letters/{letter.GetProperty("id")}/requeue", "");
        Assert.Equal(HttpStatusCode.NoContent, requeued.StatusCode);
        await StoredAsync(api, 473.333m);
    }

    [Fact]
    public async Task A_calibration_from_a_time_on_says_what_it_changed_and_the_list_has_them_newest_first()
    {
        var api = await Api.SharedAsync(servers);
        await CalibrateAsync(api, """{"pulsesPerLitre":450,"validFrom":"2026-03-01T00:00:00Z"}""");
        foreach (var at in (string[])["2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z"])
        {
            await api.PostAsync("/api/beers", $$"""{"tapId":{{_tap}},"pulses":213,"pouredAt":"{{at}}"}""");
        }

        await StoredAsync(api, 473.333m, 473.333m, 473.333m);

        var done = await CalibrateAsync(api, """{"pulsesPerLitre":426.0000001,"validFrom":"2026-03-02T01:00:00+01:00"}""");
        Assert.Equal(426, done.GetProperty("pulsesPerLitre").GetDecimal());
        Assert.Equal("2026-03-02T00:00:00Z", done.GetProperty("validFrom").GetString());
        Assert.Equal(
            (2, 53.334m, 0),
            (done.GetProperty("changed").GetInt32(), done.GetProperty("differenceMl").GetDecimal(), done.GetProperty("kept").GetInt32())
        );
        await StoredAsync(api, 473.333m, 500, 500);
        Assert.Equal(1_473.333m, (await api.GetAsync($"/api/taps/{_tap}")).GetProperty("volumeMl").GetDecimal());

        var kept = await CalibrateAsync(api, """{"pulsesPerLitre":100,"validFrom":"2026-03-03T00:00:00Z"}""");
        Assert.Equal((0, 1), (kept.GetProperty("changed").GetInt32(), kept.GetProperty("kept").GetInt32()));
        using var page = await api.Anonymous.GetAsync($"/api/taps/{_tap}/calibrations?page_size=2");
        Assert.Equal([100m, 426m], FactorsOf(await Api.ReadAsync(page)));
        Assert.Equal([450m], FactorsOf(await api.GetAsync(Api.NextOf(page)!)));
        Assert.Empty(await StoredRules.BrokenAsync(api.Settings["ConnectionStrings:taproomdb"]!));

        static IEnumerable<decimal> FactorsOf(JsonElement list) =>
            list.GetProperty("calibrations").EnumerateArray().Select(item => item.GetProperty("pulsesPerLitre").GetDecimal());
    }

    [Fact]
    public async Task A_tap_is_calibrated_by_a_pour_that_somebody_measured()
    {
        var api = await Api.SharedAsync(servers);
        await CalibrateAsync(api, """{"pulsesPerLitre":450,"validFrom":"2026-03-01T00:00:00Z"}""");
        using var posted = await api.PostAsync("/api/beers", $$"""{"tapId":{{_tap}},"pulses":213,"pouredAt":"2026-03-02T00:00:00Z"}""");
        var id = (await Api.ReadAsync(posted)).GetProperty("beer").GetProperty("id").GetGuid();
        await StoredAsync(api, 473.333m);

        var done = await CalibrateAsync(api, $$"""{"pourId":"{{id}}","measuredMl":500.5,"validFrom":"2026-03-02T00:00:00Z"}""");

        Assert.Equal(425.574426m, done.GetProperty("pulsesPerLitre").GetDecimal());
        Assert.Equal((1, 27.167m), (done.GetProperty("changed").GetInt32(), done.GetProperty("differenceMl").GetDecimal()));
        await StoredAsync(api, 500.5m);

        // From now on only.
        var next = await CalibrateAsync(api, $$"""{"pourId":"{{id}}","measuredMl":473}""");
        Assert.Equal((450.317125m, 0), (next.GetProperty("pulsesPerLitre").GetDecimal(), next.GetProperty("changed").GetInt32()));
        await StoredAsync(api, 500.5m);
    }

    [Theory]
    [InlineData("""{"pulsesPerLitre":0}""", 400, "pulsesPerLitre")]
    [InlineData("""{"pulsesPerLitre":-450}""", 400, "pulsesPerLitre")]
    [InlineData("""{"pulsesPerLitre":9.999}""", 400, "pulsesPerLitre")]
    [InlineData("""{"pulsesPerLitre":1000000.4}""", 400, "pulsesPerLitre")]
    [InlineData("""{"pulsesPerLitre":1e300}""", 400, "pulsesPerLitre")]
    [InlineData("""{"pulsesPerLitre":"450"}""", 400, "pulsesPerLitre")]
    [InlineData("""{}""", 400, "pulsesPerLitre")]
    [InlineData("""{"pulsesPerLitre":450,"measuredMl":500}""", 400, "pulsesPerLitre")]
    [InlineData("""{"measuredMl":500}""", 400, "pulsesPerLitre")]
    [InlineData("""{"pulsesPerLitre":450,"validFrom":"2026-03-01"}""", 400, "validFrom")]
    [InlineData("""{"pulsesPerLitre":450,"validFrom":"1999-12-31T00:00:00Z"}""", 422, "validFrom")]
    [InlineData("""{"pulsesPerLitre":450,"validFrom":"2099-01-01T00:00:00Z"}""", 422, "validFrom")]
    [InlineData("""{"pourId":"0199f5a0-0000-7000-8000-000000000001","measuredMl":0.9}""", 400, "measuredMl")]
    [InlineData("""{"pourId":"0199f5a0-0000-7000-8000-000000000001","measuredMl":500}""", 404, "pourId")]
    public async Task A_calibration_that_no_meter_has_is_refused_by_the_member_at_fault(string body, int status, string member)
    {
        var api = await Api.SharedAsync(servers);
        await api.PostAsync("/api/taps", $$"""{"id":{{_tap}},"name":"Bar left"}""");
        using var refused = await api.PostAsync($"/api/taps/{_tap}/calibrations", body);
        Assert.True(
            (await Api.ProblemAsync(refused, status)).GetProperty("errors").TryGetProperty(member, out _),
            await refused.Content.ReadAsStringAsync()
        );
    }

    [Fact]
    public async Task A_pour_that_cannot_calibrate_a_tap_is_refused()
    {
        var api = await Api.SharedAsync(servers);
        var ids = await api.PourAllAsync((_tap, 500), (Api.NewTap(), 500));
        using var pulses = await api.PostAsync("/api/beers", $$"""{"tapId":{{_tap}},"volume":500,"pulses":3}""");
        var few = (await Api.ReadAsync(pulses)).GetProperty("beer").GetProperty("id").GetGuid();
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{few}")).IsSuccessStatusCode, "it is stored");

        foreach (var (id, status) in ((Guid, int)[])[(ids[0], 422), (ids[1], 404), (few, 422)])
        {
            using var refused = await api.PostAsync($"/api/taps/{_tap}/calibrations", $$"""{"pourId":"{{id}}","measuredMl":500}""");
            await Api.ProblemAsync(refused, status);
        }

        Assert.Empty((await api.GetAsync($"/api/taps/{_tap}/calibrations")).GetProperty("calibrations").EnumerateArray());
    }

    [Fact]
    public async Task Calibrating_needs_a_tap_and_the_admin_key()
    {
        var api = await Api.SharedAsync(servers);
        using var unknown = await api.PostAsync($"/api/taps/{_tap}/calibrations", """{"pulsesPerLitre":450}""");
        await Api.ProblemAsync(unknown, 404);
        using var list = await api.Anonymous.GetAsync($"/api/taps/{_tap}/calibrations");
        await Api.ProblemAsync(list, 404);
        using var anonymous = await api.Anonymous.PostAsync($"/api/taps/{_tap}/calibrations", Api.Json("""{"pulsesPerLitre":450}"""));
        await Api.ProblemAsync(anonymous, 401);
        await api.PostAsync("/api/taps", $$"""{"id":{{_tap}},"name":"Bar left"}""");
        using var token = await api.PostAsync($"/api/taps/{_tap}/token", "");
        using var asTap = api.With((await Api.ReadAsync(token)).GetProperty("token").GetString()!);
        using var refused = await asTap.PostAsync($"/api/taps/{_tap}/calibrations", Api.Json("""{"pulsesPerLitre":450}"""));
        await Api.ProblemAsync(refused, 403);

        // A tap that never poured can still go.
        await CalibrateAsync(api, """{"pulsesPerLitre":450}""");
        Assert.Equal(HttpStatusCode.NoContent, (await api.Admin.DeleteAsync($"/api/taps/{_tap}")).StatusCode);
    }

    private async Task<JsonElement> CalibrateAsync(Api api, string body)
    {
        (await api.PostAsync("/api/taps", $$"""{"id":{{_tap}},"name":"Bar left"}""")).Dispose();
        using var response = await api.PostAsync($"/api/taps/{_tap}/calibrations", body);
        Assert.True(response.StatusCode is HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await Api.ReadAsync(response);
    }

    private Task StoredAsync(Api api, params decimal[] volumes) =>
        Eventually.TrueAsync(
            async () =>
                (await api.GetAsync($"/api/beers?tap={_tap}"))
                    .GetProperty("beers")
                    .EnumerateArray()
                    .Select(beer => beer.GetProperty("volume").GetDecimal())
                    .SequenceEqual(volumes),
            $"the beers are of {string.Join(", ", volumes)} mL"
        );
}
