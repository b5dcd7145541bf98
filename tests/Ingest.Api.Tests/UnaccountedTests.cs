using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class UnaccountedTests(Servers servers)
{
    private const string Path = "/api/taps/7/unaccounted?from=2026-03-01&to=2026-03-02";

    [Fact]
    public async Task What_the_odometer_counted_and_no_pour_did_is_told_by_the_hour()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        await api.PostAsync("/api/taps/7/calibrations", """{"pulsesPerLitre":500,"validFrom":"2026-01-01T00:00:00Z"}""");
        var late = Guid.NewGuid();
        await PourAsync(
            api,
            // The evening before, by which it is known where the odometer stood.
            """{"tapId":7,"odometer":1000,"pulses":200,"pouredAt":"2026-02-28T23:00:00Z"}""",
            // 50 dripped.
            """{"tapId":7,"odometer":1250,"pulses":200,"pouredAt":"2026-03-01T12:10:00Z"}""",
            """{"tapId":7,"odometer":1450,"pulses":200,"pouredAt":"2026-03-01T12:20:00Z"}""",
            // A pour without odometer is one all the same, and so is one that came as a volume.
            """{"tapId":7,"pulses":100,"pouredAt":"2026-03-01T12:30:00Z"}""",
            """{"tapId":7,"volume":400,"pouredAt":"2026-03-01T12:40:00Z"}""",
            """{"tapId":7,"odometer":1950,"pulses":200,"pouredAt":"2026-03-01T12:50:00Z"}""",
            // Two pours of 200 are missing here.
            """{"tapId":7,"odometer":2550,"pulses":200,"pouredAt":"2026-03-01T13:10:00Z"}""",
            // A new meter, which counted 10 before its first pour.
            """{"tapId":7,"odometer":210,"pulses":200,"pouredAt":"2026-03-01T14:10:00Z"}""",
            """{"tapId":7,"odometer":410,"pulses":200,"pouredAt":"2026-03-02T00:10:00Z"}"""
        );

        var found = await api.GetAsync(Path);
        Assert.Equal(
            """[{"hour":"2026-03-01T12:00:00Z","pulses":50,"volumeMl":100},{"hour":"2026-03-01T13:00:00Z","pulses":400,"volumeMl":800},{"hour":"2026-03-01T14:00:00Z","pulses":10,"volumeMl":20}]""",
            found.GetProperty("hours").GetRawText()
        );
        Assert.Equal((460, 920m, 1), TotalsOf(found));
        // The same beside those of other taps, of which one has no odometer, one misses nothing, and of one all was given to another.
        Guid[] given = [Guid.NewGuid(), Guid.NewGuid()];
        await PourAsync(
            api,
            $$"""{"tapId":8,"id":"{{given[0]}}","volume":400,"odometer":1000,"pulses":200,"pouredAt":"2026-03-01T12:10:00Z"}""",
            $$"""{"tapId":8,"id":"{{given[1]}}","volume":400,"odometer":1230,"pulses":200,"pouredAt":"2026-03-01T12:20:00Z"}""",
            """{"tapId":3,"volume":400,"pouredAt":"2026-03-01T12:10:00Z"}""",
            """{"tapId":5,"volume":400,"odometer":1000,"pulses":200,"pouredAt":"2026-03-01T12:10:00Z"}""",
            """{"tapId":5,"volume":400,"odometer":1200,"pulses":200,"pouredAt":"2026-03-01T12:20:00Z"}""",
            """{"tapId":6,"volume":400,"odometer":1000,"pulses":200,"pouredAt":"2026-03-01T12:10:00Z"}""",
            """{"tapId":6,"volume":400,"odometer":1210,"pulses":200,"pouredAt":"2026-03-01T12:20:00Z"}"""
        );
        foreach (var id in given)
        {
            using var patched = await api.Admin.PatchAsync($"/api/beers/{id}", Api.Json("""{"tapId":3,"reason":"The hoses were swapped"}"""));
            Assert.True(patched.IsSuccessStatusCode);
        }

        Assert.Equal(
            """[{"tapId":6,"pulses":10,"resets":0},{"tapId":7,"pulses":460,"volumeMl":920,"resets":1},{"tapId":8,"pulses":30,"resets":0}]""",
            (await api.GetAsync("/api/stats/unaccounted?from=2026-03-01&to=2026-03-02")).GetProperty("taps").GetRawText()
        );

        // One of the missing comes late; one that was there is deleted; a calibration turns out wrong.
        await PourAsync(api, $$"""{"tapId":7,"id":"{{late}}","odometer":2150,"pulses":200,"pouredAt":"2026-03-01T13:00:00Z"}""");
        Assert.Equal((260, 520m, 1), TotalsOf(await api.GetAsync(Path)));
        (await api.Admin.DeleteAsync($"/api/beers/{late}")).Dispose();
        Assert.Equal((460, 920m, 1), TotalsOf(await api.GetAsync(Path)));
        await api.PostAsync("/api/taps/7/calibrations", """{"pulsesPerLitre":400,"validFrom":"2026-01-01T00:00:00Z"}""");
        // What came as 400 mL is 160 pulses now, and the 40 others are in no pour.
        Assert.Equal((500, 1_250m, 1), TotalsOf(await api.GetAsync(Path)));
    }

    [Fact]
    public async Task Of_a_tap_without_calibration_it_is_told_in_pulses_where_those_are_known()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        await PourAsync(
            api,
            $$"""{"tapId":{{tap}},"volume":400,"odometer":1000,"pulses":200,"pouredAt":"2026-03-01T12:10:00Z"}""",
            $$"""{"tapId":{{tap}},"volume":400,"odometer":1210,"pulses":200,"pouredAt":"2026-03-01T12:20:00Z"}""",
            // Nobody knows how many pulses these were.
            $$"""{"tapId":{{tap}},"volume":400,"odometer":9999,"pouredAt":"2026-03-01T12:30:00Z"}""",
            $$"""{"tapId":{{tap}},"volume":400,"odometer":10199,"pulses":200,"pouredAt":"2026-03-01T12:40:00Z"}"""
        );

        var found = await api.GetAsync(Path.Replace("/7/", $"/{tap}/", StringComparison.Ordinal));
        Assert.Equal("""[{"hour":"2026-03-01T12:00:00Z","pulses":10}]""", found.GetProperty("hours").GetRawText());
        Assert.Equal(10, found.GetProperty("pulses").GetInt32());
        Assert.False(found.TryGetProperty("volumeMl", out _));
    }

    [Fact]
    public async Task What_cannot_be_told_is_refused()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        using var unknown = await api.Anonymous.GetAsync($"/api/taps/{tap}/unaccounted");
        await Api.ProblemAsync(unknown, 404);
        await PourAsync(api, $$"""{"tapId":{{tap}},"volume":400}""");
        using var wide = await api.Anonymous.GetAsync($"/api/taps/{tap}/unaccounted?from=2026-01-01&to=2026-03-02");
        await Api.ProblemAsync(wide, 422);
        using var wideOfAll = await api.Anonymous.GetAsync("/api/stats/unaccounted?from=2026-01-01&to=2026-03-02");
        await Api.ProblemAsync(wideOfAll, 422);
        using var wrong = await api.Anonymous.GetAsync($"/api/taps/{tap}/unaccounted?from=yesterday");
        await Api.ProblemAsync(wrong, 400);
        foreach (var path in (string[])["", "?from=9999-12-31T23:59:59Z", "?to=0001-01-01", "?from=2026-03-02&to=2026-03-01"])
        {
            foreach (var resource in (string[])[$"/api/taps/{tap}", "/api/stats"])
            {
                var status = (int)(await api.Anonymous.GetAsync($"{resource}/unaccounted{path}")).StatusCode;
                Assert.True(status is 200 or 422, $"{resource} {path}: {status}");
            }
        }
    }

    private static (int Pulses, decimal VolumeMl, int Resets) TotalsOf(JsonElement found) =>
        (found.GetProperty("pulses").GetInt32(), found.GetProperty("volumeMl").GetDecimal(), found.GetProperty("resets").GetInt32());

    private static async Task PourAsync(Api api, params string[] reports)
    {
        using var batch = await api.PostAsync("/api/beers/batch", $"[{string.Join(',', reports)}]");
        foreach (var result in (await Api.ReadAsync(batch)).GetProperty("results").EnumerateArray())
        {
            Assert.Equal(201, result.GetProperty("status").GetInt32());
            var id = result.GetProperty("beer").GetProperty("id");
            await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{id}")).IsSuccessStatusCode, $"beer {id} is stored");
        }
    }
}
