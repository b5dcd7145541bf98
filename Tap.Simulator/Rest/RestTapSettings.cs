using System.Globalization;
using System.Net;

namespace Taproom.Simulator.Rest;

/// <summary>What a tap needs that speaks HTTP: the environment variables that clients of the first beer-tap server are set up with.</summary>
/// <param name="Server"><c>INET_ADDR</c>: host and port of Ingest.Api.</param>
/// <param name="TapId"><c>TAP_ID</c>: the tap, 1 or more.</param>
/// <param name="Token"><c>TAP_TOKEN</c>: the tap's token, new here because writes need one.</param>
internal sealed record RestTapSettings(DnsEndPoint Server, int TapId, string? Token)
{
    /// <summary>Whether the simulator is to be such a tap.</summary>
    public static bool AreIn(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration["INET_ADDR"]);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">One is missing or not of its kind.</exception>
    public static RestTapSettings From(IConfiguration configuration)
    {
        var address = configuration["INET_ADDR"]!;
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out var server) || server.PathAndQuery != "/" || !address.Contains(':', StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"INET_ADDR must be host:port, not '{address}'.");
        }

        return int.TryParse(configuration["TAP_ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var tapId) && tapId >= 1
            ? new RestTapSettings(new DnsEndPoint(server.Host, server.Port), tapId, configuration["TAP_TOKEN"])
            : throw new InvalidOperationException($"TAP_ID must be a whole number, 1 or more, not '{configuration["TAP_ID"]}'.");
    }

    /// <summary>Where the tap listens; named, so that it is not told of its own beers.</summary>
    public Uri Socket => new($"ws://{Server.Host}:{Server.Port}/sockets/beers?tap={TapId}");

    /// <summary>Where it posts its beers.</summary>
    public Uri Beers => new($"http://{Server.Host}:{Server.Port}/api/beers");
}
