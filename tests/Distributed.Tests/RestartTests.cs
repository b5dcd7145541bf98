using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Testing;

namespace Distributed.Tests;

[Collection(nameof(TaproomCollection))]
public sealed class RestartTests(TaproomApp app)
{
    [Fact]
    public async Task A_stop_leaves_nothing_running_and_a_restart_finds_all_that_was_taken_in()
    {
        string[] paths;
        JsonElement[] before;
        using (var api = app.ApiClient())
        {
            api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
            paths =
            [
                await PostAsync(api, "/api/beers", new { tapId = 9, volume = 500 }),
                await PostAsync(api, "/api/messages", new { hello = "world" }),
                await PostAsync(
                    api,
                    "/api/events",
                    new
                    {
                        component = "line 3",
                        data = 1,
                        email = "ann@bar.example",
                        environment = "test",
                        message = "Line cleaned",
                    }
                ),
                await PostAsync(api, "/api/kegs", new { beverage = "Pils", sizeMl = 30_000 }),
                await PostAsync(
                    api,
                    "/api/meters",
                    new
                    {
                        id = "002738",
                        kind = "json",
                        address = "http://127.0.0.1:9/",
                        user = "ann",
                        password = "secret",
                        active = false,
                    }
                ),
                await PostAsync(api, "/api/taps", new { id = 77, name = "Bar left" }),
            ];
            before = await ReadAsync(api, paths);
        }

        Uri[] endpoints =
        [
            app.Endpoint("redis", "tcp"),
            app.Endpoint("postgres", "tcp"),
            app.Endpoint("mqtt-bridge", "mqtt"),
            app.Endpoint("ingest-api"),
            app.Endpoint("dashboard-web"),
            app.Endpoint("consumer-worker"),
        ];
        await app.StopAsync();
        foreach (var endpoint in endpoints)
        {
            await Eventually.TrueAsync(() => IsClosedAsync(endpoint), $"nothing listens on {endpoint}");
        }

        await app.StartAsync();
        using var again = app.ApiClient();
        Assert.Equal(before.Select(answer => answer.GetRawText()), (await ReadAsync(again, paths)).Select(answer => answer.GetRawText()));
    }

    private static async Task<string> PostAsync(HttpClient api, string path, object body)
    {
        using var answer = await api.PostAsJsonAsync(path, body);
        return answer.EnsureSuccessStatusCode().Headers.Location!.ToString();
    }

    private static async Task<JsonElement[]> ReadAsync(HttpClient api, IEnumerable<string> paths)
    {
        var answers = new List<JsonElement>();
        foreach (var path in paths)
        {
            // The API waits two seconds for what is not stored yet, and then says that there is no such thing.
            await Eventually.TrueAsync(
                async () =>
                {
                    using var answer = await api.GetAsync(path);
                    return answer.IsSuccessStatusCode;
                },
                $"{path} is stored"
            );
            answers.Add(await api.GetFromJsonAsync<JsonElement>(path));
        }

        return [.. answers];
    }

    private static async Task<bool> IsClosedAsync(Uri endpoint)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(endpoint.Host, endpoint.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
