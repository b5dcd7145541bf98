using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Taproom.Testing;

namespace Distributed.Tests;

public sealed class RestartTests
{
    [Fact]
    public async Task A_stop_leaves_nothing_running_and_a_restart_finds_every_pour()
    {
        var app = new TaproomApp();
        await app.InitializeAsync();
        try
        {
            string location;
            using (var api = app.ApiClient())
            {
                api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
                using var answer = await api.PostAsJsonAsync("/api/beers", new { tapId = 9, volume = 500 });
                location = answer.EnsureSuccessStatusCode().Headers.Location!.ToString();
            }

            Uri[] endpoints =
            [
                app.Endpoint("redis", "tcp"), app.Endpoint("postgres", "tcp"), app.Endpoint("mqtt-bridge", "mqtt"),
                app.Endpoint("ingest-api"), app.Endpoint("dashboard-web"), app.Endpoint("consumer-worker"),
            ];
            await app.StopAsync();
            foreach (var endpoint in endpoints)
            {
                await Eventually.TrueAsync(() => IsClosedAsync(endpoint), $"nothing listens on {endpoint}");
            }

            await app.StartAsync();
            using var again = app.ApiClient();
            var beer = await again.GetFromJsonAsync<JsonElement>(new Uri(location, UriKind.RelativeOrAbsolute) is { IsAbsoluteUri: true } uri ? uri.PathAndQuery : location);
            Assert.Equal(9, beer.GetProperty("beer").GetProperty("tapId").GetInt32());
        }
        finally
        {
            await app.DisposeAsync();
        }
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
