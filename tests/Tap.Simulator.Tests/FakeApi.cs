using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tap.Simulator.Tests;

/// <summary>What answers to pours with one status, in the place of the API: a proxy, say, while the API is away.</summary>
internal static class FakeApi
{
    public static async Task<WebApplication> StartAsync(int status)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var api = builder.Build();
        api.UseWebSockets();
        api.Map(
            "/sockets/beers",
            async context =>
            {
                using var feed = await context.WebSockets.AcceptWebSocketAsync();
                await feed.ReceiveAsync(new byte[1], context.RequestAborted);
            }
        );
        api.MapPost("/api/beers", () => TypedResults.StatusCode(status));
        await api.StartAsync();
        return api;
    }
}
