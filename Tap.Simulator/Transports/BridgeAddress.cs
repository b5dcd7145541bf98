namespace Tap.Simulator.Transports;

/// <summary>Where taps speak MQTT: the bridge, or a broker that the bridge has joined, or any broker.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Tls">Whether the connection is encrypted.</param>
/// <param name="Account">User name and password of all taps, for a broker that knows no taps; null for each tap's own.</param>
internal sealed record BridgeAddress(string Host, int Port, bool Tls = false, (string User, string Password)? Account = null)
{
    /// <summary>Reads <c>mqtt://host[:port]</c> or <c>mqtts://user:password@host[:port]</c>, <c>tcp</c> for <c>mqtt</c> too; else null.</summary>
    public static BridgeAddress? Parse(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("tcp" or "mqtt" or "mqtts") || uri.Host.Length == 0)
        {
            return null;
        }

        var tls = uri.Scheme == "mqtts";
        var standardPort = tls ? 8883 : 1883;
        var account = uri.UserInfo.Split(':', 2);
        return new BridgeAddress(
            uri.Host,
            uri.Port > 0 ? uri.Port : standardPort,
            tls,
            uri.UserInfo.Length == 0 ? null : (Uri.UnescapeDataString(account[0]), Uri.UnescapeDataString(account.ElementAtOrDefault(1) ?? ""))
        );
    }
}
