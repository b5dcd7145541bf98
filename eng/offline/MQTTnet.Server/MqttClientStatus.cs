using System.Collections;
using System.Net;
using MQTTnet.Formatter;
using MQTTnet.Server.Running;

namespace MQTTnet.Server;

/// <summary>A connected client. Times are UTC.</summary>
public sealed class MqttClientStatus
{
    private readonly ClientConnection _connection;

    internal MqttClientStatus(ClientConnection connection, MqttSessionStatus session)
    {
        _connection = connection;
        Session = session;
    }

    public long BytesReceived => _connection.BytesReceived;

    public long BytesSent => _connection.BytesSent;

    public DateTime ConnectedTimestamp => _connection.ConnectedAt;

    public string Id => _connection.ClientId;

    public DateTime LastPacketReceivedTimestamp => _connection.LastReceivedAt;

    public DateTime LastPacketSentTimestamp => _connection.LastSentAt;

    public MqttProtocolVersion ProtocolVersion => _connection.Version;

    public long ReceivedApplicationMessagesCount => _connection.PublishesReceived;

    public long ReceivedPacketsCount => _connection.PacketsReceived;

    public EndPoint RemoteEndPoint => _connection.RemoteEndPoint!;

    public long SentApplicationMessagesCount => _connection.PublishesSent;

    public long SentPacketsCount => _connection.PacketsSent;

    public MqttSessionStatus Session { get; set; }

    public Task DisconnectAsync(MqttServerClientDisconnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _connection.StopAsync(options);
    }
}

/// <summary>A session, connected or not. Times are UTC.</summary>
public sealed class MqttSessionStatus
{
    private readonly Session _session;
    private readonly ServerCore _core;

    internal MqttSessionStatus(Session session, ServerCore core)
    {
        _session = session;
        _core = core;
    }

    public DateTime CreatedTimestamp => _session.CreatedAt;

    /// <summary>Null while the client is connected.</summary>
    public DateTime? DisconnectedTimestamp => _session.DisconnectedAt;

    /// <summary>Seconds.</summary>
    public uint ExpiryInterval => _session.ExpiryInterval;

    public string Id => _session.Id;

    public IDictionary Items => _session.Items;

    public long PendingApplicationMessagesCount => _session.PendingCount;

    /// <summary>Deletes the session and disconnects its client.</summary>
    public Task DeleteAsync() => _core.Sessions.DeleteAsync(_session);
}
