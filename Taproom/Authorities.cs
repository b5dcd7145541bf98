using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Taproom;

/// <summary>The authorities that a file names, in place of those that this machine trusts.</summary>
public static class Authorities
{
    /// <summary>Reads a PEM file.</summary>
    /// <param name="setting">Name of the setting, for the message.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidOperationException">The file cannot be used.</exception>
    public static X509Certificate2Collection Read(string setting, string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"{setting} '{path}' cannot be used: {ex.Message}", ex);
        }

        return certificates.Count > 0
            ? certificates
            : throw new InvalidOperationException($"{setting} '{path}' cannot be used: it holds no certificate.");
    }
}
