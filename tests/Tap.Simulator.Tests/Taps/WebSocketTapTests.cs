using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(LineCollection))]
public sealed class WebSocketTapTests(Line line)
{
    [Fact]
    public async Task Three_taps_over_HTTP_wait_for_the_API_hear_of_each_other_and_outlive_it()
    {
        var port = LocalServer.FreePort();
        var api = $"http://127.0.0.1:{port}";
        var settings = new Dictionary<string, string?>(await line.Servers.SettingsAsync())
        {
            ["Admin:Key"] = Line.AdminKey,
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        };
        var apiSettings = new Dictionary<string, string?>(settings) { ["ASPNETCORE_URLS"] = api };
        await using var worker = ServiceProcess.Start("Consumer.Worker", settings);
        // Before the API: they wait for it.
        await using var one = Tap(port, "1");
        await using var two = Tap(port, "2");
        await using var three = Tap(port, "3");
        await using (var first = ServiceProcess.Start("Ingest.Api", apiSettings))
        {
            await BeersAsync(api, beers => beers.Values.All(count => count >= 2));
            await first.KillAsync();
        }

        await using var second = ServiceProcess.Start("Ingest.Api", apiSettings);
        await ServiceProcess.HealthyAsync(api);
        var before = await BeersAsync(api, _ => true);
        await BeersAsync(api, beers => beers.All(tap => tap.Value >= before[tap.Key] + 2));

        await one.KillAsync();
        var (_, heard) = await one.ExitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("Tap with id 2 posted a new beer (id: ", heard);
        Assert.Contains("Tap with id 3 posted a new beer (id: ", heard);
        Assert.DoesNotContain("Tap with id 1 posted", heard);
    }

    private static ServiceProcess Tap(int port, string tap) =>
        ServiceProcess.Start(
            "Tap.Simulator",
            new Dictionary<string, string?>
            {
                ["INET_ADDR"] = $"127.0.0.1:{port}",
                ["TAP_ID"] = tap,
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
                    foreach (var tap in (int[])[1, 2, 3])
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
