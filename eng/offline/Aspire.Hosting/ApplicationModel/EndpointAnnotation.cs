using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint a resource listens on.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly TaskCompletionSource<AllocatedEndpoint> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _transport;
    private int? _port;
    private int? _targetPort;

    /// <summary>Creates an endpoint.</summary>
    /// <param name="protocol">Tcp or Udp.</param>
    /// <param name="uriScheme">Scheme of its URL; the protocol when null.</param>
    /// <param name="transport">How it talks, such as <c>http</c> or <c>http2</c>.</param>
    /// <param name="name">Name within the resource; the scheme when null.</param>
    /// <param name="port">Port others use; chosen freely when null.</param>
    /// <param name="targetPort">Port the resource listens on; chosen freely when null.</param>
    /// <param name="isExternal">Whether it is reachable from outside a deployment.</param>
    /// <param name="isProxied">False when the resource itself listens on <paramref name="port"/>; true when null.</param>
    public EndpointAnnotation(
        ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null,
        int? port = null, int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        _transport = transport;
        Name = name ?? UriScheme;
        _port = port;
        _targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
        IsExplicitlyProxied = isProxied;
    }

    /// <summary>Tcp or Udp.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>Scheme of its URL.</summary>
    public string UriScheme { get; set; }

    /// <summary>How it talks.</summary>
    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol.ToString().ToLowerInvariant());
        set => _transport = value;
    }

    /// <summary>Name within the resource, compared without case.</summary>
    public string Name { get; set; }

    /// <summary>Address the resource listens on.</summary>
    public string TargetHost { get; set; } = KnownHostNames.Localhost;

    /// <summary>Port others use, when declared. Without a proxy, the target port will do.</summary>
    public int? Port
    {
        get => _port ?? (IsProxied ? null : _targetPort);
        set => _port = value;
    }

    /// <summary>Port the resource listens on, when declared. Without a proxy, the port will do.</summary>
    public int? TargetPort
    {
        get => _targetPort ?? (IsProxied ? null : _port);
        set => _targetPort = value;
    }

    /// <summary>Whether it is reachable from outside a deployment.</summary>
    public bool IsExternal { get; set; }

    /// <summary>False when the resource itself must listen on <see cref="Port"/>.</summary>
    public bool IsProxied { get; set; }

    /// <summary>What was asked for; null when nothing was.</summary>
    public bool? IsExplicitlyProxied { get; set; }

    /// <summary>Whether the endpoint speaks TLS.</summary>
    public bool TlsEnabled { get; set; }

    /// <summary>True leaves the endpoint out when a resource references all of them.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    /// <summary>Where the endpoint is, once known.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocated.Task.IsCompletedSuccessfully ? _allocated.Task.GetAwaiter().GetResult() : null;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _allocated.TrySetResult(value);
        }
    }

    /// <summary>Environment variable that tells the resource its target port.</summary>
    internal string? TargetPortEnvironmentVariable { get; set; }

    /// <summary>Target ports of all replicas, in order; empty until allocated.</summary>
    internal IReadOnlyList<int> ReplicaPorts { get; set; } = [];

    internal Task<AllocatedEndpoint> WhenAllocatedAsync(CancellationToken cancellationToken) => _allocated.Task.WaitAsync(cancellationToken);

    internal void FailAllocation(Exception exception)
    {
        if (_allocated.TrySetException(exception))
        {
            // Observed here, since perhaps nobody asks for this endpoint.
            _ = _allocated.Task.Exception;
        }
    }
}

/// <summary>Well-known host names.</summary>
public static class KnownHostNames
{
    /// <summary>This machine.</summary>
    public const string Localhost = "localhost";
}

/// <summary>Addresses an endpoint is bound to.</summary>
public enum EndpointBindingMode
{
    /// <summary>One address.</summary>
    SingleAddress = 0,

    /// <summary>Any address, IPv4 and IPv6.</summary>
    DualStackAnyAddresses = 1,

    /// <summary>Any IPv4 address.</summary>
    IPv4AnyAddresses = 2,

    /// <summary>Any IPv6 address.</summary>
    IPv6AnyAddresses = 3,
}

/// <summary>Where an endpoint is.</summary>
public class AllocatedEndpoint(
    EndpointAnnotation endpoint, string address, int port, EndpointBindingMode bindingMode, string? targetPortExpression = null)
{
    /// <summary>Places an endpoint on one address.</summary>
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
        : this(endpoint, address, port, EndpointBindingMode.SingleAddress, targetPortExpression)
    {
    }

    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>Host others use.</summary>
    public string Address { get; } = address;

    /// <summary>Port others use.</summary>
    public int Port { get; } = port;

    /// <summary>Addresses the resource listens on.</summary>
    public EndpointBindingMode BindingMode { get; } = bindingMode;

    /// <summary>Port the resource listens on, or what stands for it where replicas differ.</summary>
    public string? TargetPortExpression { get; } = targetPortExpression;

    /// <summary>Scheme of the URL.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Host and port.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary>The URL.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <summary>The URL.</summary>
    public override string ToString() => UriString;
}
