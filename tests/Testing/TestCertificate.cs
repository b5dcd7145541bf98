using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Testing;

/// <summary>Certificates of 127.0.0.1 for a test, good for an hour.</summary>
public static class TestCertificate
{
    /// <summary>Makes one that is its own authority.</summary>
    /// <param name="folder">Where to.</param>
    /// <returns>The files of the certificate and of its key, PEM.</returns>
    public static (string Certificate, string Key) Write(string folder)
    {
        using var rsa = RSA.Create(2048);
        using var certificate = Request("127.0.0.1", rsa, isAuthority: true).CreateSelfSigned(Since, Until);
        return (Write(folder, "cert.pem", certificate.ExportCertificatePem()), Write(folder, "key.pem", rsa.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>Makes one that comes from an authority by way of another.</summary>
    /// <param name="folder">Where to.</param>
    /// <returns>The files of the certificate with the one between, of its key, and of the authority, PEM.</returns>
    public static (string Chain, string Key, string Authority) WriteChain(string folder)
    {
        using RSA authorityKey = RSA.Create(2048),
            betweenKey = RSA.Create(2048),
            key = RSA.Create(2048);
        using var authority = Request("authority", authorityKey, isAuthority: true).CreateSelfSigned(Since, Until);
        using var bare = Request("between", betweenKey, isAuthority: true).Create(authority, Since, Until, [1]);
        using var between = bare.CopyWithPrivateKey(betweenKey);
        using var certificate = Request("127.0.0.1", key, isAuthority: false).Create(between, Since, Until, [2]);
        return (
            Write(folder, "chain.pem", certificate.ExportCertificatePem() + "\n" + between.ExportCertificatePem()),
            Write(folder, "chain-key.pem", key.ExportPkcs8PrivateKeyPem()),
            Write(folder, "authority.pem", authority.ExportCertificatePem())
        );
    }

    private static DateTimeOffset Since { get; } = DateTimeOffset.UtcNow.AddHours(-1);

    private static DateTimeOffset Until { get; } = DateTimeOffset.UtcNow.AddHours(1);

    private static CertificateRequest Request(string name, RSA key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        return request;
    }

    private static string Write(string folder, string name, string pem)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, pem);
        return file;
    }
}
