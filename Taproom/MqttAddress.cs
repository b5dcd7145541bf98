namespace Taproom;

/// <summary>Where MQTT is spoken: the bridge, or a broker.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="UsesTls">Whether over TLS.</param>
/// <param name="User">User name, or null.</param>
/// <param name="Password">Password, or null.</param>
public sealed record MqttAddress(string Host, int Port, bool UsesTls, string? User = null, string? Password = null)
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    /// <summary>
    /// Reads <c>mqtt(s)://user:password@host:port</c>, user and password percent-encoded, <c>tcp</c> for <c>mqtt</c> too; null for another
    /// text, which nobody may repeat: it may hold a password.
    /// </summary>
    public static MqttAddress? Parse(string text)
    {
        // Anything after the host is the rest of a password that was not percent-encoded.
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address is not { Scheme: "mqtt" or "mqtts" or "tcp", Host.Length: > 0, PathAndQuery: "" or "/", Fragment: "" }
        )
        {
            return null;
        }

        var usesTls = address.Scheme == "mqtts";
        var user = address.UserInfo.Split(':', 2);
        return new MqttAddress(
            address.IdnHost,
            address.Port > 0 ? address.Port
                : usesTls ? TlsPort
                : PlainPort,
            usesTls,
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null
        );
    }

    /// <summary>Host and port, without user and password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
