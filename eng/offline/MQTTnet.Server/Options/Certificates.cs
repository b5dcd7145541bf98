using System.Security.Cryptography.X509Certificates;

namespace MQTTnet.Certificates
{
    /// <summary>Gives the server's certificate; asked at each handshake, so it may change.</summary>
    public interface ICertificateProvider
    {
        X509Certificate2 GetCertificate();
    }

    /// <summary>A certificate that is already loaded.</summary>
    public sealed class X509CertificateProvider(X509Certificate2 certificate) : ICertificateProvider
    {
        private readonly X509Certificate2 _certificate = certificate ?? throw new ArgumentNullException(nameof(certificate));

        public X509Certificate2 GetCertificate() => _certificate;
    }

    /// <summary>A certificate with its key in PKCS#12 form.</summary>
    public sealed class BlobCertificateProvider(byte[] blob) : ICertificateProvider
    {
        private readonly Lock _gate = new();
        private X509Certificate2? _certificate;

        public byte[] Blob { get; } = blob ?? throw new ArgumentNullException(nameof(blob));

        public string? Password { get; set; }

        public X509Certificate2 GetCertificate()
        {
            lock (_gate)
            {
                return _certificate ??= X509CertificateLoader.LoadPkcs12(Blob, Password);
            }
        }
    }
}

namespace MQTTnet.Server
{
    /// <summary>The password of a certificate file.</summary>
    public interface IMqttServerCertificateCredentials
    {
        string Password { get; }
    }

    /// <summary>The password of a certificate file.</summary>
    public sealed class MqttServerCertificateCredentials : IMqttServerCertificateCredentials
    {
        public string Password { get; set; } = "";
    }
}
