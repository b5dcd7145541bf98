namespace Taproom.Simulator;

/// <summary>Where the bridge listens for MQTT.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
internal sealed record BridgeAddress(string Host, int Port)
{
    private const int DefaultPort = 1883;

    /// <summary>
    /// Reads it from the configuration: <c>Mqtt:Host</c> and <c>Mqtt:Port</c> where set, else the endpoint that the AppHost hands
    /// out, <c>services:mqtt-bridge:mqtt:0</c> (<c>tcp://host:port</c> or <c>mqtt://host:port</c>), else localhost:1883.
    /// </summary>
    /// <exception cref="InvalidOperationException">The endpoint that was handed out is no such address.</exception>
    public static BridgeAddress From(IConfiguration configuration)
    {
        var endpoint = Parse(configuration["services:mqtt-bridge:mqtt:0"]);
        return new BridgeAddress(
            configuration["Mqtt:Host"] ?? endpoint?.Host ?? "localhost",
            configuration.GetValue<int?>("Mqtt:Port") ?? endpoint?.Port ?? DefaultPort);
    }

    private static BridgeAddress? Parse(string? endpoint)
    {
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            return null;
        }

        return Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "tcp" or "mqtt" && uri.Host.Length > 0
            ? new BridgeAddress(uri.Host, uri.Port > 0 ? uri.Port : DefaultPort)
            : throw new InvalidOperationException($"The endpoint of mqtt-bridge must be tcp://host:port, not '{endpoint}'.");
    }
}
