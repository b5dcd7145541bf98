using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Taproom.Simulator.Rest;
using Taproom.Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(KillCollection))]
public sealed class RestTapTests(Servers servers)
{
    private const string AdminKey = "a-key-that-only-tests-know";

    [Fact]
    public async Task Three_clients_wait_for_the_server_post_their_beers_and_hear_of_each_others()
    {
        var address = $"127.0.0.1:{LocalServer.FreePort()}";
        var clients = Enumerable.Range(1, 3).Select(tap => (Tap: tap, Process: ServiceProcess.Start("Tap.Simulator", new Dictionary<string, string?>
        {
            ["INET_ADDR"] = address,
            ["TAP_ID"] = $"{tap}",
            ["TAP_TOKEN"] = AdminKey,
            ["Simulator:Seed"] = "7",
            ["Simulator:MaxBackoff"] = "00:00:01",
        }))).ToList();
        try
        {
            var settings = new Dictionary<string, string?>(await servers.SettingsAsync()) { ["Admin:Key"] = AdminKey };
            await using var worker = ServiceProcess.Start("Consumer.Worker", new Dictionary<string, string?>(settings) { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" });
            await using var api = ServiceProcess.Start("Ingest.Api", new Dictionary<string, string?>(settings) { ["ASPNETCORE_URLS"] = $"http://{address}" });
            await ServiceProcess.HealthyAsync($"http://{address}");

            using var http = new HttpClient();
            await Eventually.TrueAsync(
                async () => (await TapsAsync(http, address)).GroupBy(tap => tap).Count(beers => beers.Count() >= 2) == 3,
                "two beers of each tap",
                TimeSpan.FromSeconds(60));
            Assert.All(clients, client => Assert.False(client.Process.HasExited));
        }
        finally
        {
            foreach (var (_, process) in clients)
            {
                await process.KillAsync();
            }
        }

        foreach (var (tap, process) in clients)
        {
            var (_, output) = await process.ExitAsync(TimeSpan.FromSeconds(10));
            Assert.Contains("is away, trying again", output, StringComparison.Ordinal);
            Assert.Contains("posted a new beer (id: ", output, StringComparison.Ordinal);
            Assert.DoesNotContain($"Tap with id {tap} posted", output, StringComparison.Ordinal);
            await process.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("localhost", "1", "INET_ADDR must be host:port")]
    [InlineData("localhost:8338", "one", "TAP_ID must be a whole number")]
    public async Task A_bad_setting_stops_the_start_with_its_name(string address, string tap, string message)
    {
        await using var process = ServiceProcess.Start("Tap.Simulator", new Dictionary<string, string?> { ["INET_ADDR"] = address, ["TAP_ID"] = tap });

        var (exitCode, _) = await process.ExitAsync(TimeSpan.FromSeconds(30));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => RestTapSettings.From(
            new ConfigurationBuilder()
                .AddInMemoryCollection([new("INET_ADDR", address), new("TAP_ID", tap)]).Build())).Message, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<int>> TapsAsync(HttpClient http, string address)
    {
        using var answer = await http.GetAsync(new Uri($"http://{address}/api/beers"));
        if (!answer.IsSuccessStatusCode)
        {
            // The worker has not made the schema yet.
            return [];
        }

        var page = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return page.GetProperty("beers").EnumerateArray().Select(beer => beer.GetProperty("tapId").GetInt32());
    }
}
