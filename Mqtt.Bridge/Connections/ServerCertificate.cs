using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mqtt.Bridge.Listener;

namespace Mqtt.Bridge.Connections;

/// <summary>The certificate of the TLS listener.</summary>
internal static class ServerCertificate
{
    /// <summary>Reads what the options name, with the intermediate certificates in the same file; null when they name none.</summary>
    /// <exception cref="InvalidOperationException">The certificate or its key cannot be read.</exception>
    public static SslStreamCertificateContext? ReadCertificate(this MqttListenerOptions options)
    {
        if (!options.HasTls)
        {
            return null;
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(options.TlsCertificate!, options.TlsKey);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(options.TlsCertificate!);
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"The TLS certificate '{options.TlsCertificate}' cannot be used: {ex.Message}", ex);
        }
    }

    /// <summary>Shows the certificate to the other end of a connection.</summary>
    /// <exception cref="AuthenticationException">The other end does not want it, or does not speak TLS 1.2 or later.</exception>
    public static async Task<Stream> SecureAsync(this SslStreamCertificateContext certificate, Stream stream, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            },
            cancellationToken
        );
        return tls;
    }
}
