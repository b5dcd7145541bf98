using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet.Certificates;

namespace MQTTnet.Server;

/// <summary>Where and how the server listens.</summary>
public abstract class MqttServerTcpEndpointBaseOptions
{
    public bool AllowPacketFragmentation { get; set; } = true;

    /// <summary><see cref="IPAddress.None"/> switches IPv4 off.</summary>
    public IPAddress BoundInterNetworkAddress { get; set; } = IPAddress.Any;

    /// <summary><see cref="IPAddress.None"/> switches IPv6 off.</summary>
    public IPAddress BoundInterNetworkV6Address { get; set; } = IPAddress.IPv6Any;

    public int ConnectionBacklog { get; set; } = 100;

    public bool IsEnabled { get; set; }

    /// <summary>TCP keep-alive; null leaves the default of the system.</summary>
    public bool? KeepAlive { get; set; }

    public LingerOption LingerState { get; set; } = new(true, 0);

    public bool NoDelay { get; set; } = true;

    public int Port { get; set; }

    public bool ReuseAddress { get; set; }

    /// <summary>Seconds.</summary>
    public int? TcpKeepAliveInterval { get; set; }

    public int? TcpKeepAliveRetryCount { get; set; }

    /// <summary>Seconds.</summary>
    public int? TcpKeepAliveTime { get; set; }
}

/// <summary>The listener without TLS.</summary>
public sealed class MqttServerTcpEndpointOptions : MqttServerTcpEndpointBaseOptions
{
    public MqttServerTcpEndpointOptions()
    {
        IsEnabled = true;
        Port = 1883;
    }
}

/// <summary>The listener with TLS.</summary>
public sealed class MqttServerTlsTcpEndpointOptions : MqttServerTcpEndpointBaseOptions
{
    public MqttServerTlsTcpEndpointOptions() => Port = 8883;

    public ICertificateProvider? CertificateProvider { get; set; }

    public bool CheckCertificateRevocation { get; set; }

    public CipherSuitesPolicy? CipherSuitesPolicy { get; set; }

    public bool ClientCertificateRequired { get; set; }

    public RemoteCertificateValidationCallback? RemoteCertificateValidationCallback { get; set; }

    /// <summary>None lets the operating system choose.</summary>
    public SslProtocols SslProtocol { get; set; } = SslProtocols.None;
}
