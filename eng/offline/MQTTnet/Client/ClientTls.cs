using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet;

/// <summary>Puts TLS on a client's connection and decides about the server's certificate.</summary>
internal static class ClientTls
{
    public static async Task<Stream> AuthenticateAsync(Stream inner, MqttClientTcpOptions tcp, EndPoint endPoint, CancellationToken cancellationToken)
    {
        var tls = tcp.TlsOptions;
        var host = !string.IsNullOrEmpty(tls.TargetHost) ? tls.TargetHost : endPoint switch
        {
            DnsEndPoint dns => dns.Host,
            IPEndPoint ip => ip.Address.ToString(),
            _ => "",
        };
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ApplicationProtocols = tls.ApplicationProtocols,
            ClientCertificates = tls.ClientCertificatesProvider?.GetCertificates(),
            EnabledSslProtocols = tls.SslProtocol,
            CertificateRevocationCheckMode = tls.RevocationMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            EncryptionPolicy = tls.EncryptionPolicy,
            AllowRenegotiation = tls.AllowRenegotiation,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Accepts(tcp, certificate, chain, errors),
        };
        if (tls.CertificateSelectionHandler is { } select)
        {
            options.LocalCertificateSelectionCallback = (_, targetHost, local, remote, issuers) =>
                select(new MqttClientCertificateSelectionEventArgs(targetHost, local, remote, issuers, tcp));
        }

        if (tls.TrustChain is { } roots)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                VerificationFlags = X509VerificationFlags.IgnoreEndRevocationUnknown,
                RevocationMode = tls.RevocationMode,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static bool Accepts(MqttClientTcpOptions tcp, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var tls = tcp.TlsOptions;
        if (tls.CertificateValidationHandler is { } handler)
        {
            return handler(new MqttClientCertificateValidationEventArgs(certificate, chain, errors, tcp));
        }

        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        const X509ChainStatusFlags Revocation = X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.Revoked | X509ChainStatusFlags.OfflineRevocation;
        if ((status & Revocation) != 0 && !tls.IgnoreCertificateRevocationErrors)
        {
            return false;
        }

        if ((status & X509ChainStatusFlags.PartialChain) != 0 && !tls.IgnoreCertificateChainErrors)
        {
            return false;
        }

        return tls.AllowUntrustedCertificates;
    }
}
