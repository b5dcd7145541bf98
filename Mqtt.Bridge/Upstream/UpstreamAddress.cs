using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using Taproom;

namespace Mqtt.Bridge.Upstream;

/// <summary>How to reach the broker.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="UsesTls">Whether over TLS.</param>
/// <param name="User">User name, or null.</param>
/// <param name="Password">Password, or null.</param>
internal sealed record UpstreamAddress(string Host, int Port, bool UsesTls, string? User, string? Password)
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    /// <summary>Parses an address.</summary>
    /// <exception cref="InvalidOperationException">It is none of a broker; the message does not repeat it, it may hold a password.</exception>
    public static UpstreamAddress Of(string text)
    {
        // Anything after the host is the rest of a password that was not percent-encoded.
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address is not { Scheme: "mqtt" or "mqtts", Host.Length: > 0, PathAndQuery: "" or "/", Fragment: "" }
        )
        {
            throw new InvalidOperationException("Mqtt:Upstream must be mqtt(s)://user:password@host:port, with user and password percent-encoded.");
        }

        var usesTls = address.Scheme == "mqtts";
        var user = address.UserInfo.Split(':', 2);
        return new UpstreamAddress(
            address.IdnHost,
            address.Port > 0 ? address.Port
                : usesTls ? TlsPort
                : PlainPort,
            usesTls,
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null
        );
    }

    /// <summary>Options of a client whose session outlives its connections.</summary>
    /// <exception cref="InvalidOperationException">The file of authorities cannot be used.</exception>
    public MqttClientOptions ToClientOptions(UpstreamOptions options)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(Host, Port)
            .WithTlsOptions(tls => UseTls(tls, options.UpstreamCa))
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(options.UpstreamClientId ?? $"taproom-bridge-{Environment.MachineName}")
            .WithCleanStart(false)
            .WithSessionExpiryInterval((uint)options.UpstreamSessionExpiry.TotalSeconds)
            .WithReceiveMaximum((ushort)options.UpstreamInFlight)
            .WithMaximumPacketSize((uint)options.UpstreamMaxPacketSize)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(15));
        if (User is not null)
        {
            builder.WithCredentials(User, Password);
        }

        return builder.Build();
    }

    /// <summary>Host and port, without user and password.</summary>
    public override string ToString() => $"{Host}:{Port}";

    private void UseTls(MqttClientTlsOptionsBuilder tls, string? authorities)
    {
        tls.UseTls(UsesTls).WithCertificateValidationHandler(IsTrusted);
        if (UsesTls && !string.IsNullOrEmpty(authorities))
        {
            // A private authority usually has no service that tells which certificates it has revoked.
            tls.WithTrustChain(Authorities.Read("Mqtt:UpstreamCa", authorities)).WithRevocationMode(X509RevocationMode.NoCheck);
        }
    }

    // Where it only says no, nobody is told why.
    private static bool IsTrusted(MqttClientCertificateValidationEventArgs shown) =>
        shown.SslPolicyErrors == SslPolicyErrors.None
            ? true
            : throw new AuthenticationException(
                $"Its certificate is refused: {shown.SslPolicyErrors} {string.Join(' ', shown.Chain?.ChainStatus.Select(status => status.Status) ?? [])}".Trim()
            );
}
