using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(LineCollection))]
public sealed class WebSocketTapTests(Line line)
{
    private static readonly int[] Taps = [901, 902, 903];

    [Fact]
    public async Task Three_taps_over_HTTP_wait_for_the_API_hear_of_each_other_and_outlive_it()
    {
        var port = LocalServer.FreePort();
        var api = $"http://127.0.0.1:{port}";
        // One more of the line's, which is killed; the line's own goes on with the meters.
        var settings = new Dictionary<string, string?>(line.At(api)) { ["Meters:LeaseKey"] = $"lease:{port}" };
        // Before the API: they wait for it.
        await using var one = Tap(port, Taps[0]);
        await using var two = Tap(port, Taps[1]);
        await using var three = Tap(port, Taps[2]);
        await using (var first = ServiceProcess.Start("Ingest.Api", settings))
        {
            await BeersAsync(api, beers => beers.Values.All(count => count >= 2));
            await first.KillAsync();
        }

        await using var second = ServiceProcess.Start("Ingest.Api", settings);
        await ServiceProcess.HealthyAsync(api);
        var before = await BeersAsync(api, _ => true);
        await BeersAsync(api, beers => beers.All(tap => tap.Value >= before[tap.Key] + 2));

        await one.KillAsync();
        var (_, heard) = await one.ExitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains($"Tap with id {Taps[1]} posted a new beer (id: ", heard);
        Assert.Contains($"Tap with id {Taps[2]} posted a new beer (id: ", heard);
        Assert.DoesNotContain($"Tap with id {Taps[0]} posted", heard);
    }

    private static ServiceProcess Tap(int port, int tap) =>
        ServiceProcess.Start(
            "Tap.Simulator",
            new Dictionary<string, string?>
            {
                ["INET_ADDR"] = $"127.0.0.1:{port}",
                ["TAP_ID"] = $"{tap}",
                ["MAX_PAUSE"] = "1",
                ["Simulator:AdminKey"] = Line.AdminKey,
                ["Simulator:MaxBackoff"] = "00:00:01",
            }
        );

    /// <summary>Waits until the numbers of beers of the three taps are as wanted.</summary>
    private static async Task<Dictionary<int, int>> BeersAsync(string api, Func<Dictionary<int, int>, bool> wanted)
    {
        using var http = new HttpClient();
        return await Eventually.ValueAsync(
            async () =>
            {
                try
                {
                    var beers = new Dictionary<int, int>();
                    foreach (var tap in Taps)
                    {
                        var page = await http.GetFromJsonAsync<JsonElement>($"{api}/api/beers?tap={tap}&page_size=500");
                        beers[tap] = page.GetProperty("beers").GetArrayLength();
                    }

                    return wanted(beers) ? beers : null;
                }
                catch (HttpRequestException)
                {
                    return null;
                }
            },
            "the taps have posted",
            // Five processes have to start first.
            TimeSpan.FromMinutes(2)
        );
    }
}
