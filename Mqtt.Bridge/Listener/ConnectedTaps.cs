using Microsoft.Extensions.Options;
using Taproom.Bridge.Intake;

namespace Taproom.Bridge.Listener;

/// <summary>Who is connected to this bridge, and how fast each tap may speak. Safe for concurrent use.</summary>
internal sealed class ConnectedTaps(IOptions<MqttListenerOptions> options, TimeProvider time)
{
    private readonly MqttListenerOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TapClient> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _connections = [];
    private readonly Dictionary<(int? TapId, string ClientId), TokenBucket> _paces = [];

    /// <summary>Number of connected clients.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _clients.Count;
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
                return [.. _connections.Keys];
            }
        }
    }

    /// <summary>Whether a tap has a connection here.</summary>
    public bool Has(int tapId)
    {
        lock (_gate)
        {
            return _connections.ContainsKey(tapId);
        }
    }

    /// <summary>The connections that showed a token.</summary>
    /// <param name="tapId">Of this tap only; null for all.</param>
    public IReadOnlyList<(string ClientId, int TapId, byte[] TokenHash)> WithToken(int? tapId)
    {
        lock (_gate)
        {
            return
            [
                .. from entry in _clients
                   where entry.Value is { TapId: not null, TokenHash: not null } && (tapId is null || entry.Value.TapId == tapId)
                   select (entry.Key, entry.Value.TapId!.Value, entry.Value.TokenHash!),
            ];
        }
    }

    /// <summary>The client that is connected under a client id, or null.</summary>
    public TapClient? Find(string clientId)
    {
        lock (_gate)
        {
            return _clients.GetValueOrDefault(clientId);
        }
    }

    /// <summary>A client is connected, perhaps in place of one with its client id.</summary>
    public void Enter(string clientId, TapClient client)
    {
        lock (_gate)
        {
            Remove(clientId);
            _clients[clientId] = client;
            if (client.TapId is { } tapId)
            {
                _connections[tapId] = _connections.GetValueOrDefault(tapId) + 1;
            }
        }
    }

    /// <summary>A client is gone.</summary>
    /// <returns>The tap that has no connection here any more, or null.</returns>
    public int? Leave(string clientId)
    {
        lock (_gate)
        {
            return Remove(clientId) is { TapId: { } tapId } && !_connections.ContainsKey(tapId) ? tapId : null;
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

    private TapClient? Remove(string clientId)
    {
        if (!_clients.Remove(clientId, out var client) || client.TapId is not { } tapId)
        {
            return client;
        }

        if (--_connections[tapId] == 0)
        {
            _connections.Remove(tapId);
        }

        return client;
    }
}
