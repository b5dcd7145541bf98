namespace Tap.Simulator.Mqtt;

/// <summary>Where taps speak MQTT: the bridge, or a broker that the bridge has joined, or any broker.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Tls">Whether the connection is encrypted.</param>
/// <param name="Account">User name and password of all taps, for a broker that knows no taps; null for each tap's own.</param>
internal sealed record BridgeAddress(string Host, int Port, bool Tls = false, (string User, string Password)? Account = null)
{
    /// <summary>The setting that names it.</summary>
    public const string Key = "Simulator:Mqtt";

    private const int DefaultPort = 1883;
    private const int DefaultTlsPort = 8883;

    /// <summary>
    /// Reads it from the configuration: <see cref="Key"/> where set, else the endpoint that the AppHost hands out,
    /// <c>services:mqtt-bridge:mqtt:0</c>, else localhost:1883.
    /// </summary>
    /// <exception cref="UsageException">What is set is no such address.</exception>
    public static BridgeAddress From(IConfiguration configuration) =>
        (configuration[Key] ?? configuration["services:mqtt-bridge:mqtt:0"]) is { Length: > 0 } address
            ? Parse(address)
            : new BridgeAddress("localhost", DefaultPort);

    private static BridgeAddress Parse(string address)
    {
        // Never with the address itself in the message: it may hold a password.
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("tcp" or "mqtt" or "mqtts") || uri.Host.Length == 0)
        {
            throw new UsageException("The address for MQTT must be mqtt://host:port or mqtts://user:password@host:port.");
        }

        var tls = uri.Scheme == "mqtts";
        var account = uri.UserInfo.Split(':', 2);
        return new BridgeAddress(
            uri.Host,
            uri.Port > 0 ? uri.Port
                : tls ? DefaultTlsPort
                : DefaultPort,
            tls,
            uri.UserInfo.Length == 0 ? null : (Uri.UnescapeDataString(account[0]), Uri.UnescapeDataString(account.ElementAtOrDefault(1) ?? ""))
        );
    }
}
