using System.Net;
using System.Net.Sockets;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>Builds <see cref="MqttClientOptions"/>. One builder makes one set of options.</summary>
public sealed partial class MqttClientOptionsBuilder
{
    private readonly MqttClientOptions _options = new();
    private int? _port;
    private EndPoint? _remoteEndPoint;
    private MqttClientTcpOptions? _tcpOptions;
    private MqttClientTlsOptions? _tlsOptions;

    /// <summary>Completes the options: without a port it is 1883, or 8883 with TLS.</summary>
    public MqttClientOptions Build()
    {
        var tcpOptions = _tcpOptions ?? throw new InvalidOperationException("No server is set: call WithTcpServer or WithEndPoint.");
        var endPoint = _remoteEndPoint ?? throw new ArgumentException("No endpoint is set.");
        tcpOptions.TlsOptions = _tlsOptions ?? tcpOptions.TlsOptions;
        var port = _port ?? (tcpOptions.TlsOptions?.UseTls == false ? MqttPorts.Default : MqttPorts.Secure);
        tcpOptions.RemoteEndpoint ??= endPoint switch
        {
            DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, port, dns.AddressFamily),
            IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, port),
            _ => endPoint,
        };
        _options.ChannelOptions = tcpOptions;
        _options.ThrowIfNotSupported();
        return _options;
    }

    public MqttClientOptionsBuilder WithAddressFamily(AddressFamily addressFamily)
    {
        Tcp().AddressFamily = addressFamily;
        return this;
    }

    public MqttClientOptionsBuilder WithCleanSession(bool value = true) => Set(o => o.CleanSession = value);

    /// <summary>The MQTT 5.0 name of <see cref="WithCleanSession"/>.</summary>
    public MqttClientOptionsBuilder WithCleanStart(bool value = true) => Set(o => o.CleanSession = value);

    public MqttClientOptionsBuilder WithClientId(string value) => Set(o => o.ClientId = value);

    /// <summary>Takes mqtt, tcp, mqtts and unix addresses; a user part gives the credentials as they stand there.</summary>
    public MqttClientOptionsBuilder WithConnectionUri(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        int? port = uri.IsDefaultPort ? null : uri.Port;
        switch (uri.Scheme)
        {
            case "mqtt" or "tcp":
                WithTcpServer(uri.Host, port).WithTlsOptions(o => o.UseTls(false));
                break;
            case "mqtts":
                WithTcpServer(uri.Host, port).WithTlsOptions(o => o.UseTls());
                break;
            case "unix":
                WithEndPoint(new UnixDomainSocketEndPoint(uri.AbsolutePath))
                    .WithAddressFamily(AddressFamily.Unix)
                    .WithProtocolType(ProtocolType.Unspecified)
                    .WithTlsOptions(o => o.UseTls(false));
                break;
            case "ws" or "wss":
                throw StandIn.Lacks("WebSocket transport (MqttClientOptionsBuilder.WithConnectionUri with ws or wss)");
            default:
                throw new ArgumentException($"The scheme '{uri.Scheme}' is not one of MQTT.", nameof(uri));
        }

        if (!string.IsNullOrEmpty(uri.UserInfo))
        {
            var parts = uri.UserInfo.Split(':');
            WithCredentials(parts[0], parts.Length > 1 ? parts[1] : "");
        }

        return this;
    }

    public MqttClientOptionsBuilder WithConnectionUri(string uri) => WithConnectionUri(new Uri(uri, UriKind.Absolute));

    public MqttClientOptionsBuilder WithCredentials(string? username, string? password) => WithCredentials(MqttClientCredentials.FromText(username, password));

    public MqttClientOptionsBuilder WithCredentials(string? username, byte[]? password = null) => WithCredentials(new MqttClientCredentials(username, password));

    public MqttClientOptionsBuilder WithCredentials(IMqttClientCredentialsProvider credentials) => Set(o => o.Credentials = credentials);

    public MqttClientOptionsBuilder WithEndPoint(EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        _remoteEndPoint = endPoint;
        _tcpOptions = new MqttClientTcpOptions();
        return this;
    }

    public MqttClientOptionsBuilder WithEnhancedAuthentication(string method, byte[]? data = null) => Set(o =>
    {
        o.AuthenticationMethod = method;
        o.AuthenticationData = data;
    });

    public MqttClientOptionsBuilder WithKeepAlivePeriod(TimeSpan value) => Set(o => o.KeepAlivePeriod = value);

    public MqttClientOptionsBuilder WithMaximumPacketSize(uint maximumPacketSize) => Set(o => o.MaximumPacketSize = maximumPacketSize);

    public MqttClientOptionsBuilder WithNoKeepAlive() => WithKeepAlivePeriod(TimeSpan.Zero);

    public MqttClientOptionsBuilder WithoutPacketFragmentation() => Set(o => o.AllowPacketFragmentation = false);

    public MqttClientOptionsBuilder WithProtocolType(ProtocolType protocolType)
    {
        Tcp().ProtocolType = protocolType;
        return this;
    }

    public MqttClientOptionsBuilder WithProtocolVersion(MqttProtocolVersion value) =>
        value == MqttProtocolVersion.Unknown ? throw new ArgumentException("The protocol version must be a known one.", nameof(value)) : Set(o => o.ProtocolVersion = value);

    public MqttClientOptionsBuilder WithReceiveMaximum(ushort receiveMaximum) => Set(o => o.ReceiveMaximum = receiveMaximum);

    public MqttClientOptionsBuilder WithRequestProblemInformation(bool requestProblemInformation = true) => Set(o => o.RequestProblemInformation = requestProblemInformation);

    public MqttClientOptionsBuilder WithRequestResponseInformation(bool requestResponseInformation = true) => Set(o => o.RequestResponseInformation = requestResponseInformation);

    /// <summary>Seconds.</summary>
    public MqttClientOptionsBuilder WithSessionExpiryInterval(uint sessionExpiryInterval) => Set(o => o.SessionExpiryInterval = sessionExpiryInterval);

    public MqttClientOptionsBuilder WithTcpServer(string host, int? port = null, AddressFamily addressFamily = AddressFamily.Unspecified)
    {
        ArgumentNullException.ThrowIfNull(host);
        _tcpOptions = new MqttClientTcpOptions();
        _remoteEndPoint = new DnsEndPoint(host, port ?? 0, addressFamily);
        _port = port;
        return this;
    }

    public MqttClientOptionsBuilder WithTcpServer(Action<MqttClientTcpOptions> optionsBuilder)
    {
        ArgumentNullException.ThrowIfNull(optionsBuilder);
        _tcpOptions = new MqttClientTcpOptions();
        optionsBuilder(_tcpOptions);
        return this;
    }

    public MqttClientOptionsBuilder WithTimeout(TimeSpan value) => Set(o => o.Timeout = value);

    public MqttClientOptionsBuilder WithTlsOptions(MqttClientTlsOptions tlsOptions)
    {
        _tlsOptions = tlsOptions;
        return this;
    }

    public MqttClientOptionsBuilder WithTlsOptions(Action<MqttClientTlsOptionsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new MqttClientTlsOptionsBuilder();
        configure(builder);
        return WithTlsOptions(builder.Build());
    }

    public MqttClientOptionsBuilder WithTopicAliasMaximum(ushort topicAliasMaximum) => Set(o => o.TopicAliasMaximum = topicAliasMaximum);

    public MqttClientOptionsBuilder WithTryPrivate(bool value = true) => Set(o => o.TryPrivate = value);

    [Obsolete("Use the overload that takes the value as bytes.")]
    public MqttClientOptionsBuilder WithUserProperty(string name, string value) => Add(new MqttUserProperty(name, value));

    public MqttClientOptionsBuilder WithUserProperty(string name, ReadOnlyMemory<byte> value) => Add(new MqttUserProperty(name, value));

    public MqttClientOptionsBuilder WithUserProperty(string name, ArraySegment<byte> value) => Add(new MqttUserProperty(name, value));

    private MqttClientOptionsBuilder Add(MqttUserProperty property) => Set(o => (o.UserProperties ??= []).Add(property));

    private MqttClientTcpOptions Tcp() => _tcpOptions ?? throw new InvalidOperationException("Call WithTcpServer or WithEndPoint first.");

    private MqttClientOptionsBuilder Set(Action<MqttClientOptions> change)
    {
        change(_options);
        return this;
    }
}
