using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet;

/// <summary>TLS settings of a client.</summary>
public sealed class MqttClientTlsOptions
{
    public bool AllowRenegotiation { get; set; } = true;

    /// <summary>Accept every certificate.</summary>
    public bool AllowUntrustedCertificates { get; set; }

    public List<SslApplicationProtocol>? ApplicationProtocols { get; set; }

    public Func<MqttClientCertificateSelectionEventArgs, X509Certificate>? CertificateSelectionHandler { get; set; }

    /// <summary>Decides about the server's certificate; replaces every other check.</summary>
    public Func<MqttClientCertificateValidationEventArgs, bool>? CertificateValidationHandler { get; set; }

    public CipherSuitesPolicy? CipherSuitesPolicy { get; set; }

    public IMqttClientCertificatesProvider? ClientCertificatesProvider { get; set; }

    public EncryptionPolicy EncryptionPolicy { get; set; } = EncryptionPolicy.RequireEncryption;

    public bool IgnoreCertificateChainErrors { get; set; }

    public bool IgnoreCertificateRevocationErrors { get; set; }

    public X509RevocationMode RevocationMode { get; set; } = X509RevocationMode.Online;

    public SslProtocols SslProtocol { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Name the server's certificate must be for; the host of the connection when empty.</summary>
    public string? TargetHost { get; set; }

    /// <summary>Roots to trust in place of those of the machine.</summary>
    public X509Certificate2Collection? TrustChain { get; set; }

    public bool UseTls { get; set; }
}

/// <summary>Gives the client certificates for a connection; asked at each connect.</summary>
public interface IMqttClientCertificatesProvider
{
    X509CertificateCollection GetCertificates();
}

/// <summary>A fixed set of client certificates.</summary>
public sealed class DefaultMqttCertificatesProvider : IMqttClientCertificatesProvider
{
    private readonly X509Certificate2Collection _certificates;

    public DefaultMqttCertificatesProvider(X509Certificate2Collection certificates) => _certificates = certificates;

    public DefaultMqttCertificatesProvider(IEnumerable<X509Certificate2>? certificates) => _certificates = [.. certificates ?? []];

    public X509CertificateCollection GetCertificates() => _certificates;
}

/// <summary>A server certificate to decide about.</summary>
public sealed class MqttClientCertificateValidationEventArgs : EventArgs
{
    public MqttClientCertificateValidationEventArgs(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors sslPolicyErrors, IMqttClientChannelOptions clientOptions)
    {
        Certificate = certificate!;
        Chain = chain!;
        SslPolicyErrors = sslPolicyErrors;
        ClientOptions = clientOptions;
    }

    public X509Certificate Certificate { get; }

    public X509Chain Chain { get; }

    public IMqttClientChannelOptions ClientOptions { get; }

    public SslPolicyErrors SslPolicyErrors { get; }
}

/// <summary>A choice between client certificates.</summary>
public sealed class MqttClientCertificateSelectionEventArgs(
    string targetHost, X509CertificateCollection? localCertificates, X509Certificate? remoteCertificate, string[] acceptableIssuers, MqttClientTcpOptions tcpOptions) : EventArgs
{
    public string[] AcceptableIssuers { get; } = acceptableIssuers;

    public X509CertificateCollection? LocalCertificates { get; } = localCertificates;

    public X509Certificate? RemoteCertificate { get; } = remoteCertificate;

    public string TargetHost { get; } = targetHost;

    public MqttClientTcpOptions TcpOptions { get; } = tcpOptions;
}
