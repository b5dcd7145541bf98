using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Benchmarks.Bare;

/// <summary>Where a bare HTTP server listens.</summary>
/// <param name="Port">Port on loopback.</param>
/// <param name="Redis">Connection string of a Redis to which each beer is appended, and where, before it is answered; null for none.</param>
internal sealed record BareHttpOptions(int Port, string? Redis);

/// <summary>What a bare server tells when it takes connections.</summary>
internal sealed record BareServerStarted;

/// <summary>A minimal API on Kestrel that reads a posted beer, does nothing with it, or only appends it and notes where, and answers 201.</summary>
internal static class BareHttpServer
{
    // As long as the API keeps it.
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(10);

    public static async Task RunAsync(BareHttpOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(options.Port));
        await using var app = builder.Build();
        if (options.Redis is null)
        {
            app.MapPost("/api/beers", (Beer beer) => TypedResults.Created("/api/beers/1", beer));
        }
        else
        {
            var redis = (await ConnectionMultiplexer.ConnectAsync(options.Redis)).GetDatabase();
            app.MapPost(
                "/api/beers",
                async (Beer beer) =>
                {
                    var position = await BareStores.AppendAsync(redis, beer.TapId, JsonSerializer.SerializeToUtf8Bytes(beer));
                    // Whoever asks for a beer a moment after it was accepted is told where to look.
                    await redis.StringSetAsync($"{BareStores.Key}:{beer.TapId}", position, RememberFor);
                    return TypedResults.Created("/api/beers/1", beer);
                }
            );
        }

        await app.StartAsync();
        Child.Tell(new BareServerStarted());
        await Child.UnwantedAsync();
    }

    private sealed record Beer(int TapId, decimal Volume);
}
