using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom;

namespace Mqtt.Bridge.Upstream;

/// <summary>How this bridge connects to the broker.</summary>
internal static class UpstreamClientOptions
{
    /// <summary>Options of a client whose session outlives its connections.</summary>
    /// <exception cref="InvalidOperationException">The file of authorities cannot be used.</exception>
    public static MqttClientOptions ToClientOptions(this MqttAddress broker, UpstreamOptions options)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(broker.Host, broker.Port)
            .WithTlsOptions(tls => UseTls(tls, broker.UsesTls, options.UpstreamCa))
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(options.UpstreamClientId ?? $"taproom-bridge-{Environment.MachineName}")
            .WithCleanStart(false)
            .WithSessionExpiryInterval((uint)options.UpstreamSessionExpiry.TotalSeconds)
            .WithReceiveMaximum((ushort)options.UpstreamInFlight)
            .WithMaximumPacketSize((uint)options.UpstreamMaxPacketSize)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(15));
        if (broker.User is not null)
        {
            builder.WithCredentials(broker.User, broker.Password);
        }

        return builder.Build();
    }

    /// <summary>Options of the client that announces: the broker keeps no session for it, and retains <c>offline</c> when it is lost.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="options">How to connect.</param>
    /// <param name="willTopic">Where it does so; null for nowhere.</param>
    /// <exception cref="InvalidOperationException">The file of authorities cannot be used.</exception>
    public static MqttClientOptions ToAnnouncerOptions(this MqttAddress broker, UpstreamOptions options, string? willTopic)
    {
        var client = broker.ToClientOptions(options);
        // One for all bridges of a Taproom: who leads next takes it over, and the will of the one before cannot come later.
        client.ClientId = "taproom-home-assistant";
        client.CleanSession = true;
        client.SessionExpiryInterval = 0;
        if (willTopic is not null)
        {
            client.WillTopic = willTopic;
            client.WillPayload = "offline"u8.ToArray();
            client.WillQualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce;
            client.WillRetain = true;
        }

        return client;
    }

    private static void UseTls(MqttClientTlsOptionsBuilder tls, bool usesTls, string? authorities)
    {
        tls.UseTls(usesTls).WithCertificateValidationHandler(IsTrusted);
        if (usesTls && !string.IsNullOrEmpty(authorities))
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
