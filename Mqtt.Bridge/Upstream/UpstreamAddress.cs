using MQTTnet;
using MQTTnet.Formatter;

namespace Taproom.Bridge.Upstream;

/// <summary>How to reach the broker.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="UsesTls">Whether over TLS; the certificate must be one that this machine trusts.</param>
/// <param name="User">User name, or null.</param>
/// <param name="Password">Password, or null.</param>
internal sealed record UpstreamAddress(string Host, int Port, bool UsesTls, string? User, string? Password)
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    /// <summary>Takes the address apart.</summary>
    /// <exception cref="InvalidOperationException">It is none of a broker; the message does not repeat it, it may hold a password.</exception>
    public static UpstreamAddress Of(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("mqtt" or "mqtts") || address.Host.Length == 0)
        {
            throw new InvalidOperationException("Mqtt:Upstream must be mqtt(s)://user:password@host:port.");
        }

        var usesTls = address.Scheme == "mqtts";
        var user = address.UserInfo.Split(':', 2);
        return new UpstreamAddress(
            address.Host,
            address.Port > 0 ? address.Port : usesTls ? TlsPort : PlainPort,
            usesTls,
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null);
    }

    /// <summary>Options of a client whose session outlives its connections.</summary>
    public MqttClientOptions ToClientOptions(UpstreamOptions options)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(Host, Port)
            .WithTlsOptions(tls => tls.UseTls(UsesTls))
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(options.UpstreamClientId ?? $"taproom-bridge-{Environment.MachineName}")
            .WithCleanStart(false)
            .WithSessionExpiryInterval((uint)options.UpstreamSessionExpiry.TotalSeconds)
            .WithReceiveMaximum((ushort)options.UpstreamInFlight)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(15));
        if (User is not null)
        {
            builder.WithCredentials(User, Password);
        }

        return builder.Build();
    }
}
