using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace AppHost;

/// <summary>What a developer may choose about a run. Configuration section <c>Taproom</c>, also as <c>Taproom__Ports__Page</c> etc.</summary>
/// <param name="PagePort">TCP port of the live page.</param>
/// <param name="ApiPort">TCP port of Ingest.Api.</param>
/// <param name="MqttPort">TCP port of the bridge's MQTT listener.</param>
/// <param name="DataPath">Absolute folder of generated secrets and, without containers, of the servers' data.</param>
/// <param name="Simulator">Whether three simulated taps pour, and two simulated meters are polled.</param>
/// <param name="KegLowShare">The share of its size below which a keg is low, 0 to 1: who tells of it and who shows it must agree.</param>
/// <param name="Containers">Whether Redis and Postgres run in containers; null asks the container runtime.</param>
/// <param name="DashboardUrl">Where the Aspire dashboard is; null when it is off.</param>
/// <param name="RandomPorts">Whether free ports are used instead, as in distributed tests.</param>
internal sealed record TaproomSettings(
    int PagePort,
    int ApiPort,
    int MqttPort,
    string DataPath,
    bool Simulator,
    double KegLowShare,
    bool? Containers,
    string? DashboardUrl,
    bool RandomPorts
)
{
    /// <summary>The dashboard's page of traces, which the live page links to; null when the dashboard is off.</summary>
    public string? TracesUrl => DashboardUrl is null ? null : $"{DashboardUrl}/traces";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="DistributedApplicationException">A value is not of its kind.</exception>
    public static TaproomSettings Read(IConfiguration configuration, string appHostDirectory)
    {
        var section = configuration.GetSection("Taproom");
        return new TaproomSettings(
            Port(section, "Ports:Page", 5080),
            Port(section, "Ports:Api", 8338),
            Port(section, "Ports:Mqtt", 1883),
            Path.GetFullPath(section["DataPath"] ?? "../artifacts/data", appHostDirectory),
            Flag(section, "Simulator") ?? true,
            Share(section, "KegLowShare", 0.15),
            Flag(section, "Containers"),
            configuration["ASPNETCORE_URLS"]?.Split(';')[0].TrimEnd('/'),
            Flag(configuration, "DcpPublisher:RandomizePorts") ?? false
        );
    }

    private static int Port(IConfiguration section, string key, int standard) =>
        section[key] switch
        {
            null or "" => standard,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 => port,
            var text => throw new DistributedApplicationException($"Taproom:{key} must be a TCP port, not '{text}'."),
        };

    private static double Share(IConfiguration section, string key, double standard) =>
        section[key] switch
        {
            null or "" => standard,
            var text
                when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1 =>
                share,
            var text => throw new DistributedApplicationException($"Taproom:{key} must be a share, 0 to 1, not '{text}'."),
        };

    private static bool? Flag(IConfiguration section, string key) =>
        section[key] switch
        {
            null or "" => null,
            var text when bool.TryParse(text, out var flag) => flag,
            var text => throw new DistributedApplicationException($"{key} must be true or false, not '{text}'."),
        };
}
