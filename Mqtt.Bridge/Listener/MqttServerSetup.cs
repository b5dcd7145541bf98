using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Server;

namespace Taproom.Bridge.Listener;

/// <summary>Sets the MQTT server up as the options say.</summary>
internal static class MqttServerSetup
{
    /// <summary>The options of the server.</summary>
    /// <exception cref="InvalidOperationException">The certificate or its key cannot be read.</exception>
    public static MqttServerOptions ToServerOptions(this MqttListenerOptions options, MqttServerOptionsBuilder builder)
    {
        builder
            .WithDefaultEndpoint()
            .WithDefaultEndpointPort(options.Port)
            .WithConnectionBacklog(options.ConnectionBacklog)
            .WithDefaultCommunicationTimeout(options.CommunicationTimeout)
            .WithMaxPendingMessagesPerClient(options.MaxPendingMessages);
        if (options.TlsCertificate is { } certificate)
        {
            builder
                .WithEncryptedEndpoint()
                .WithEncryptedEndpointPort(options.TlsPort)
                .WithEncryptionSslProtocol(SslProtocols.Tls12 | SslProtocols.Tls13)
                .WithEncryptionCertificate(ReadCertificate(certificate, options.TlsKey));
        }

        return builder.Build();
    }

    private static X509Certificate2 ReadCertificate(string certificate, string? key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"The TLS certificate '{certificate}' cannot be used: {ex.Message}", ex);
        }
    }
}
