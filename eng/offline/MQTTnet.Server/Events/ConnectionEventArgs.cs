using System.Collections;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server;

/// <summary>A client asks to connect. Handlers decide by setting <see cref="ReasonCode"/>.</summary>
public sealed class ValidatingConnectionEventArgs : EventArgs
{
    private readonly MqttConnectPacket _connect;

    internal ValidatingConnectionEventArgs(MqttConnectPacket connect, IMqttChannelAdapter channelAdapter, IDictionary sessionItems)
    {
        _connect = connect;
        ChannelAdapter = channelAdapter;
        SessionItems = sessionItems;
    }

    /// <summary>The identifier for an MQTT 5.0 client that brought none; without it that client is refused.</summary>
    public string? AssignedClientIdentifier { get; set; }

    public byte[]? AuthenticationData => _connect.AuthenticationData;

    public string? AuthenticationMethod => _connect.AuthenticationMethod;

    public IMqttChannelAdapter ChannelAdapter { get; }

    public bool? CleanSession => _connect.CleanSession;

    public X509Certificate2? ClientCertificate => ChannelAdapter.ClientCertificate;

    public string ClientId => _connect.ClientId;

    public bool IsSecureConnection => ChannelAdapter.IsSecureConnection;

    /// <summary>Seconds.</summary>
    public ushort? KeepAlivePeriod => _connect.KeepAlivePeriod;

    /// <summary>Bytes; 0 when absent.</summary>
    public uint MaximumPacketSize => _connect.MaximumPacketSize;

    public string Password => Encoding.UTF8.GetString(RawPassword ?? []);

    public MqttProtocolVersion ProtocolVersion => _connect.ProtocolVersion;

    public byte[]? RawPassword => _connect.Password;

    public MqttConnectReasonCode ReasonCode { get; set; } = MqttConnectReasonCode.Success;

    public string? ReasonString { get; set; }

    public ushort ReceiveMaximum => _connect.ReceiveMaximum;

    public EndPoint? RemoteEndPoint => ChannelAdapter.RemoteEndPoint;

    public bool RequestProblemInformation => _connect.RequestProblemInformation;

    public bool RequestResponseInformation => _connect.RequestResponseInformation;

    public byte[]? ResponseAuthenticationData { get; set; }

    public List<MqttUserProperty>? ResponseUserProperties { get; set; }

    public string? ServerReference { get; set; }

    /// <summary>Seconds.</summary>
    public uint SessionExpiryInterval => _connect.SessionExpiryInterval;

    /// <summary>For handlers to keep things in for the life of the session.</summary>
    public IDictionary SessionItems { get; }

    public ushort TopicAliasMaximum => _connect.TopicAliasMaximum;

    public string? UserName => _connect.Username;

    public List<MqttUserProperty>? UserProperties => _connect.UserProperties;

    /// <summary>Seconds.</summary>
    public uint WillDelayInterval => _connect.WillDelayInterval;
}

/// <summary>A client is connected; its CONNACK was sent.</summary>
public sealed class ClientConnectedEventArgs : EventArgs
{
    private readonly MqttConnectPacket _connect;

    internal ClientConnectedEventArgs(MqttConnectPacket connect, EndPoint? remoteEndPoint, IDictionary sessionItems)
    {
        _connect = connect;
        RemoteEndPoint = remoteEndPoint!;
        SessionItems = sessionItems;
    }

    public byte[]? AuthenticationData => _connect.AuthenticationData;

    public string? AuthenticationMethod => _connect.AuthenticationMethod;

    public string ClientId => _connect.ClientId;

    public string Password => Encoding.UTF8.GetString(_connect.Password ?? []);

    public MqttProtocolVersion ProtocolVersion => _connect.ProtocolVersion;

    public EndPoint RemoteEndPoint { get; }

    public IDictionary SessionItems { get; }

    public string? UserName => _connect.Username;

    public List<MqttUserProperty>? UserProperties => _connect.UserProperties;
}

/// <summary>How a client went.</summary>
public enum MqttClientDisconnectType
{
    /// <summary>It sent DISCONNECT.</summary>
    Clean,

    /// <summary>The connection broke, or the server ended it.</summary>
    NotClean,

    /// <summary>Another connection came with its identifier.</summary>
    Takeover,
}

/// <summary>A client is gone.</summary>
public sealed class ClientDisconnectedEventArgs : EventArgs
{
    private readonly MqttConnectPacket _connect;
    private readonly MqttDisconnectPacket? _disconnect;

    internal ClientDisconnectedEventArgs(
        MqttConnectPacket connect, MqttDisconnectPacket? disconnect, MqttClientDisconnectType disconnectType, EndPoint? remoteEndPoint, IDictionary sessionItems)
    {
        _connect = connect;
        _disconnect = disconnect;
        DisconnectType = disconnectType;
        RemoteEndPoint = remoteEndPoint!;
        SessionItems = sessionItems;
    }

    public string ClientId => _connect.ClientId;

    public MqttClientDisconnectType DisconnectType { get; }

    public string? Password => Encoding.UTF8.GetString(_connect.Password ?? []);

    /// <summary>What the client said; null unless it sent DISCONNECT.</summary>
    public MqttDisconnectReasonCode? ReasonCode => _disconnect?.ReasonCode;

    public string? ReasonString => _disconnect?.ReasonString;

    public EndPoint RemoteEndPoint { get; }

    /// <summary>Seconds.</summary>
    public uint SessionExpiryInterval => _disconnect?.SessionExpiryInterval ?? 0;

    public IDictionary SessionItems { get; }

    public string? UserName => _connect.Username;

    public List<MqttUserProperty>? UserProperties => _disconnect?.UserProperties;
}

/// <summary>A session was deleted.</summary>
public sealed class SessionDeletedEventArgs : EventArgs
{
    internal SessionDeletedEventArgs(string id, string? userName, IDictionary sessionItems)
    {
        Id = id;
        UserName = userName;
        SessionItems = sessionItems;
    }

    /// <summary>The client identifier.</summary>
    public string Id { get; }

    public IDictionary SessionItems { get; }

    public string? UserName { get; }
}
