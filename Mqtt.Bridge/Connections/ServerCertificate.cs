using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Taproom.Bridge.Listener;

namespace Taproom.Bridge.Connections;

/// <summary>The certificate of the TLS listener.</summary>
internal static class ServerCertificate
{
    /// <summary>Reads what the options name; null when they name none.</summary>
    /// <exception cref="InvalidOperationException">The certificate or its key cannot be read.</exception>
    public static X509Certificate2? ReadCertificate(this MqttListenerOptions options)
    {
        try
        {
            return options.TlsCertificate is { } file ? X509Certificate2.CreateFromPemFile(file, options.TlsKey) : null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"The TLS certificate '{options.TlsCertificate}' cannot be used: {ex.Message}", ex);
        }
    }
}
