using System.Net;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;

namespace Mqtt.Bridge.Listener;

/// <summary>Who is connected to this bridge, and how fast each tap may speak. Safe for concurrent use.</summary>
internal sealed class ConnectedTaps(IOptions<MqttListenerOptions> options, TimeProvider time)
{
    private readonly MqttListenerOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<EndPoint, Connection> _connections = [];

    // More than one only while a stale connection that was taken over from has not ended yet; the newest is the last.
    private readonly Dictionary<string, List<Connection>> _ofClient = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<Connection>> _ofTap = [];
    private readonly Dictionary<(int? TapId, string ClientId), TokenBucket> _paces = [];

    /// <summary>Number of connected clients; one that takes over from a stale connection of its own counts once.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _ofClient.Count;
            }
        }
    }

    /// <summary>The taps that have a connection.</summary>
    public IReadOnlyList<int> TapIds
    {
        get
        {
            lock (_gate)
            {
                return [.. _ofTap.Keys];
            }
        }
    }

    /// <summary>Whether a tap has a connection here.</summary>
    public bool Has(int tapId)
    {
        lock (_gate)
        {
            return _ofTap.ContainsKey(tapId);
        }
    }

    /// <summary>The clients that showed a token, and with which one they did so last.</summary>
    /// <param name="tapId">Of this tap only; null for all.</param>
    public IReadOnlyList<(string ClientId, int TapId, byte[] TokenHash)> WithToken(int? tapId)
    {
        lock (_gate)
        {
            return
            [
                .. from ofClient in _ofClient.Values
                let connection = ofClient[^1]
                where connection.Client is { TapId: not null, TokenHash: not null } && (tapId is null || connection.Client.TapId == tapId)
                select (connection.ClientId, connection.Client.TapId!.Value, connection.Client.TokenHash!),
            ];
        }
    }

    /// <summary>Whether a tap has a connection here that has said it is online.</summary>
    public bool IsOnline(int tapId)
    {
        lock (_gate)
        {
            return _ofTap.GetValueOrDefault(tapId)?.Exists(connection => connection.Client.IsOnline) ?? false;
        }
    }

    /// <summary>The client that is connected under a client id, or null.</summary>
    public TapClient? Find(string clientId)
    {
        lock (_gate)
        {
            return _ofClient.GetValueOrDefault(clientId)?[^1].Client;
        }
    }

    /// <summary>A client is connected, perhaps in place of one with its client id, whose connection ends later.</summary>
    public void Enter(EndPoint remote, string clientId, TapClient client)
    {
        var connection = new Connection(clientId, client);
        lock (_gate)
        {
            _connections[remote] = connection;
            Add(_ofClient, clientId, connection);
            if (client.TapId is { } tapId)
            {
                Add(_ofTap, tapId, connection);
            }
        }
    }

    /// <summary>A connection has ended.</summary>
    /// <returns>The client that had entered by it, or null.</returns>
    public TapClient? Leave(EndPoint remote)
    {
        lock (_gate)
        {
            if (!_connections.Remove(remote, out var connection))
            {
                return null;
            }

            Remove(_ofClient, connection.ClientId, connection);
            if (connection.Client.TapId is { } tapId)
            {
                Remove(_ofTap, tapId, connection);
            }

            return connection.Client;
        }
    }

    /// <summary>How fast a client may publish; all connections of a tap share one pace.</summary>
    public TokenBucket PaceOf(TapClient client, string clientId)
    {
        // A client without a tap has its own.
        var key = (client.TapId, client.TapId is null ? clientId : "");
        lock (_gate)
        {
            if (!_paces.TryGetValue(key, out var pace))
            {
                pace = new TokenBucket(_options.MaxMessagesPerSecond, _options.MaxMessageBurst, time);
                _paces.Add(key, pace);
            }

            return pace;
        }
    }

    /// <summary>Forgets the pace of those who have been quiet; a new one is as good.</summary>
    public void Tidy()
    {
        lock (_gate)
        {
            foreach (var (key, pace) in _paces)
            {
                if (pace.IsFull)
                {
                    _paces.Remove(key);
                }
            }
        }
    }

    private static void Add<TKey>(Dictionary<TKey, List<Connection>> connections, TKey key, Connection connection)
        where TKey : notnull
    {
        if (connections.TryGetValue(key, out var others))
        {
            others.Add(connection);
        }
        else
        {
            connections.Add(key, [connection]);
        }
    }

    private static void Remove<TKey>(Dictionary<TKey, List<Connection>> connections, TKey key, Connection connection)
        where TKey : notnull
    {
        var others = connections[key];
        others.Remove(connection);
        if (others.Count == 0)
        {
            connections.Remove(key);
        }
    }

    private sealed class Connection(string clientId, TapClient client)
    {
        public string ClientId => clientId;

        public TapClient Client => client;
    }
}
