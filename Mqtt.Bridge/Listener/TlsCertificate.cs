using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mqtt.Bridge.Clients;

namespace Mqtt.Bridge.Listener;

/// <summary>The certificate of the TLS listener, with the intermediate certificates in the same file. Read again when the files change.</summary>
/// <remarks>New files that cannot be used, or not yet, leave the certificate as it was.</remarks>
internal sealed partial class TlsCertificate
{
    private static readonly List<SslApplicationProtocol> Protocols = [new("mqtt")];

    private readonly string _certificatePath;
    private readonly string? _keyPath;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private SslStreamCertificateContext _context;
    private (DateTime, DateTime) _changedAt;

    /// <summary>Reads what the options name.</summary>
    /// <exception cref="InvalidOperationException">The certificate or its key cannot be read.</exception>
    public TlsCertificate(MqttListenerOptions options, ILogger logger)
    {
        (_certificatePath, _keyPath, _logger) = (options.TlsCertificate!, options.TlsKey, logger);
        try
        {
            _changedAt = ChangedAt();
            _context = Read();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"The TLS certificate '{_certificatePath}' cannot be used: {ex.Message}", ex);
        }
    }

    /// <summary>What the server shows to the other end of a new connection: TLS 1.2 or later, and the newest certificate.</summary>
    public SslServerAuthenticationOptions ToOptions() =>
        new()
        {
            ServerCertificateContext = Newest(),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = Protocols,
        };

    private SslStreamCertificateContext Newest()
    {
        lock (_gate)
        {
            try
            {
                var changedAt = ChangedAt();
                if (changedAt != _changedAt)
                {
                    _context = Read();
                    _changedAt = changedAt;
                    LogChanged(_certificatePath);
                }
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or CryptographicException)
            {
                LogNotChanged(_certificatePath, ex.Message);
            }

            return _context;
        }
    }

    private (DateTime Certificate, DateTime Key) ChangedAt() => (ChangedAt(_certificatePath), ChangedAt(_keyPath ?? _certificatePath));

    // A link, as Kubernetes mounts secrets, changes with what it points to.
    private static DateTime ChangedAt(string path) => (File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)).LastWriteTimeUtc;

    private SslStreamCertificateContext Read()
    {
        var certificate = X509Certificate2.CreateFromPemFile(_certificatePath, _keyPath);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_certificatePath);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    [LoggerMessage(LogLevel.Information, "The TLS certificate '{Path}' has changed; new connections get the new one.")]
    private partial void LogChanged(string path);

    [LoggerMessage(LogLevel.Warning, "The TLS certificate '{Path}' has changed and cannot be used, the old one stays: {Message}")]
    private partial void LogNotChanged(string path, string message);
}
