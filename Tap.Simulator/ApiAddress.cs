using Microsoft.Extensions.Options;
using Tap.Simulator.Http;

namespace Tap.Simulator;

/// <summary>Where Ingest.Api is.</summary>
/// <param name="Uri">Its address.</param>
internal sealed record ApiAddress(Uri Uri)
{
    /// <summary>Name of the HTTP client whose base address it is.</summary>
    public const string Client = "ingest-api";

    /// <summary><see cref="SimulatorOptions.Api"/>, else <c>INET_ADDR</c>, else what the AppHost hands out, else http://localhost:8338.</summary>
    public static ApiAddress From(IConfiguration configuration, IOptions<SimulatorOptions> options)
    {
        var inetAddress = configuration[SoloTapOptions.AddressKey];
        return new ApiAddress(
            options.Value.Api
                ?? new Uri(
                    !string.IsNullOrEmpty(inetAddress)
                        ? $"http://{inetAddress}"
                        : configuration["services:ingest-api:http:0"] ?? "http://localhost:8338"
                )
        );
    }
}
