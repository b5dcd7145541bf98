using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Bare;

/// <summary>Where a bare HTTP server listens.</summary>
/// <param name="Port">Port on loopback.</param>
internal sealed record BareHttpOptions(int Port);

/// <summary>What a bare server tells when it takes connections.</summary>
internal sealed record BareServerStarted;

/// <summary>A minimal API on Kestrel that reads a posted beer, keeps nothing, and answers 201.</summary>
internal static class BareHttpServer
{
    public static async Task RunAsync(BareHttpOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(options.Port));
        await using var app = builder.Build();
        app.MapPost("/api/beers", (Beer beer) => TypedResults.Created("/api/beers/1", beer));
        await app.StartAsync();
        Child.Tell(new BareServerStarted());
        await Child.UnwantedAsync();
    }

    private sealed record Beer(int TapId, decimal Volume);
}
