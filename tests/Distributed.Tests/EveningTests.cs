using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Testing;

namespace Distributed.Tests;

/// <summary>Six hours at eight taps in fast time, in which beer goes astray in every way that there is.</summary>
[Collection(nameof(TaproomCollection))]
public sealed partial class EveningTests(TaproomApp app)
{
    private const int FirstTap = 300;

    [Fact]
    public async Task After_an_evening_the_reports_name_each_cause_within_2_per_cent_of_what_really_went()
    {
        var mqtt = app.Endpoint("mqtt-bridge", "mqtt");
        await using var simulator = ServiceProcess.Start(
            "Tap.Simulator",
            new Dictionary<string, string?>
            {
                ["Simulator:AdminKey"] = TaproomApp.AdminKey,
                ["Simulator:Mqtt"] = $"mqtt://{mqtt.Host}:{mqtt.Port}",
                ["Simulator:Api"] = app.Endpoint("ingest-api").ToString(),
            },
            "--evening",
            "--verify",
            "--taps",
            "8",
            "--first-tap",
            $"{FirstTap}",
            "--seed",
            "7"
        );
        var (exitCode, output) = await simulator.ExitAsync(TimeSpan.FromSeconds(150));

        Assert.True(exitCode == 0, output);
        var found = Finding()
            .Matches(output)
            .ToDictionary(match => match.Groups["cause"].Value, match => (Real: Number(match, "real"), Found: Number(match, "found")));
        Assert.Equal(
            [
                "foam, tap 303",
                "forgotten sales, all taps",
                "leak or drips, tap 301",
                "leak or drips, tap 302",
                "nothing, over a reset, tap 304",
                "nothing, tap 300",
                "nothing, tap 303",
                "nothing, tap 305",
                "nothing, tap 306",
                "nothing, tap 307",
                "wrong calibration, tap 300",
            ],
            found.Keys.Order(StringComparer.Ordinal)
        );
        foreach (var (cause, (real, volumeMl)) in found)
        {
            var isNothing = cause.StartsWith("nothing", StringComparison.Ordinal);
            Assert.True(
                isNothing ? volumeMl == 0 : real > 100 && Math.Abs(volumeMl - real) <= 0.02m * real,
                $"{cause}: {real} mL, found {volumeMl} mL"
            );
        }

        // 20 mL a minute for four hours; and what the simulator says of it the API says, too.
        Assert.InRange(found["leak or drips, tap 301"].Real, 4_799, 4_800);
        using var api = app.ApiClient();
        var foam = (await api.GetFromJsonAsync<JsonElement>("/api/beers?tap=303&purpose=foam")).GetProperty("beers").EnumerateArray().ToList();
        Assert.All(foam, beer => Assert.Equal("keg-end", beer.GetProperty("rule").GetString()));
        Assert.Equal((6, found["foam, tap 303"].Found), (foam.Count, Math.Round(foam.Sum(beer => beer.GetProperty("volume").GetDecimal()), 1)));
    }

    private static decimal Number(Match match, string group) => decimal.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<cause>.+): really (?<real>[-\d.]+) mL, found (?<found>[-\d.]+) mL, good\r?$", RegexOptions.Multiline)]
    private static partial Regex Finding();
}
