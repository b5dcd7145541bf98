using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Certificates;

namespace MQTTnet.Server;

/// <summary>Builds <see cref="MqttServerOptions"/>.</summary>
public class MqttServerOptionsBuilder
{
    private readonly MqttServerOptions _options = new();

    public MqttServerOptions Build() => _options;

    public MqttServerOptionsBuilder WithClientCertificate(RemoteCertificateValidationCallback? validationCallback = null, bool checkCertificateRevocation = false) => Tls(o =>
    {
        o.ClientCertificateRequired = true;
        o.CheckCertificateRevocation = checkCertificateRevocation;
        o.RemoteCertificateValidationCallback = validationCallback;
    });

    public MqttServerOptionsBuilder WithConnectionBacklog(int value) => Both(o => o.ConnectionBacklog = value);

    public MqttServerOptionsBuilder WithDefaultCommunicationTimeout(TimeSpan value)
    {
        _options.DefaultCommunicationTimeout = value;
        return this;
    }

    public MqttServerOptionsBuilder WithDefaultEndpoint() => Plain(o => o.IsEnabled = true);

    public MqttServerOptionsBuilder WithDefaultEndpointBoundIPAddress(IPAddress value) => Plain(o => o.BoundInterNetworkAddress = value ?? IPAddress.Any);

    public MqttServerOptionsBuilder WithDefaultEndpointBoundIPV6Address(IPAddress value) => Plain(o => o.BoundInterNetworkV6Address = value ?? IPAddress.IPv6Any);

    public MqttServerOptionsBuilder WithDefaultEndpointPort(int value) => Plain(o => o.Port = value);

    public MqttServerOptionsBuilder WithDefaultEndpointReuseAddress() => Plain(o => o.ReuseAddress = true);

    public MqttServerOptionsBuilder WithEncryptedEndpoint() => Tls(o => o.IsEnabled = true);

    public MqttServerOptionsBuilder WithEncryptedEndpointBoundIPAddress(IPAddress value) => Tls(o => o.BoundInterNetworkAddress = value);

    public MqttServerOptionsBuilder WithEncryptedEndpointBoundIPV6Address(IPAddress value) => Tls(o => o.BoundInterNetworkV6Address = value);

    public MqttServerOptionsBuilder WithEncryptedEndpointPort(int value) => Tls(o => o.Port = value);

    public MqttServerOptionsBuilder WithEncryptionCertificate(byte[] value, IMqttServerCertificateCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return WithEncryptionCertificate(new BlobCertificateProvider(value) { Password = credentials?.Password });
    }

    public MqttServerOptionsBuilder WithEncryptionCertificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return WithEncryptionCertificate(new X509CertificateProvider(certificate));
    }

    public MqttServerOptionsBuilder WithEncryptionCertificate(ICertificateProvider certificateProvider)
    {
        ArgumentNullException.ThrowIfNull(certificateProvider);
        return Tls(o => o.CertificateProvider = certificateProvider);
    }

    public MqttServerOptionsBuilder WithEncryptionSslProtocol(SslProtocols value) => Tls(o => o.SslProtocol = value);

    /// <summary>Switches TCP keep-alive on; MQTT's own is always on.</summary>
    public MqttServerOptionsBuilder WithKeepAlive() => Both(o => o.KeepAlive = true);

    public MqttServerOptionsBuilder WithMaxPendingMessagesPerClient(int value)
    {
        _options.MaxPendingMessagesPerClient = value;
        return this;
    }

    public MqttServerOptionsBuilder WithoutDefaultEndpoint() => Plain(o => o.IsEnabled = false);

    public MqttServerOptionsBuilder WithoutEncryptedEndpoint() => Tls(o => o.IsEnabled = false);

    public MqttServerOptionsBuilder WithoutPacketFragmentation() => Both(o => o.AllowPacketFragmentation = false);

    public MqttServerOptionsBuilder WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy value)
    {
        _options.PendingMessagesOverflowStrategy = value;
        return this;
    }

    public MqttServerOptionsBuilder WithPersistentSessions(bool value = true)
    {
        _options.EnablePersistentSessions = value;
        return this;
    }

    public MqttServerOptionsBuilder WithRemoteCertificateValidationCallback(RemoteCertificateValidationCallback value) => Tls(o => o.RemoteCertificateValidationCallback = value);

    public MqttServerOptionsBuilder WithTcpKeepAliveInterval(int value) => Both(o => o.TcpKeepAliveInterval = value);

    public MqttServerOptionsBuilder WithTcpKeepAliveRetryCount(int value) => Both(o => o.TcpKeepAliveRetryCount = value);

    public MqttServerOptionsBuilder WithTcpKeepAliveTime(int value) => Both(o => o.TcpKeepAliveTime = value);

    public MqttServerOptionsBuilder WithTlsEndpointReuseAddress() => Tls(o => o.ReuseAddress = true);

    private MqttServerOptionsBuilder Plain(Action<MqttServerTcpEndpointOptions> change)
    {
        change(_options.DefaultEndpointOptions);
        return this;
    }

    private MqttServerOptionsBuilder Tls(Action<MqttServerTlsTcpEndpointOptions> change)
    {
        change(_options.TlsEndpointOptions);
        return this;
    }

    private MqttServerOptionsBuilder Both(Action<MqttServerTcpEndpointBaseOptions> change)
    {
        change(_options.DefaultEndpointOptions);
        change(_options.TlsEndpointOptions);
        return this;
    }
}
