namespace Mqtt.Bridge.Clients;

/// <summary>Who is connected to this bridge. Safe for concurrent use.</summary>
internal sealed class ClientRegistry
{
    private readonly Lock _gate = new();

    // More than one only while a stale connection that was taken over from has not ended yet; the newest is the last.
    private readonly Dictionary<string, List<TapClient>> _byClientId = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<TapClient>> _byTap = [];

    /// <summary>Number of connected clients; one that takes over from a stale connection of its own counts once.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byClientId.Count;
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
                return [.. _byTap.Keys];
            }
        }
    }

    /// <summary>The connected clients of a tap, or of all taps when it is null; of several with one client id the newest.</summary>
    public IReadOnlyList<TapClient> OfTap(int? tapId)
    {
        lock (_gate)
        {
            return tapId is { } known ? [.. _byTap.GetValueOrDefault(known) ?? []] : [.. _byClientId.Values.Select(clients => clients[^1])];
        }
    }

    /// <summary>Whether a tap has a connection here.</summary>
    public bool Has(int tapId)
    {
        lock (_gate)
        {
            return _byTap.ContainsKey(tapId);
        }
    }

    /// <summary>Whether a tap has a connection here that has said it is online.</summary>
    public bool IsOnline(int tapId)
    {
        lock (_gate)
        {
            return _byTap.GetValueOrDefault(tapId)?.Exists(client => client.IsOnline) ?? false;
        }
    }

    /// <summary>The client that is connected under a client id, or null.</summary>
    public TapClient? Find(string clientId)
    {
        lock (_gate)
        {
            return _byClientId.GetValueOrDefault(clientId)?[^1];
        }
    }

    /// <summary>Adds a client, perhaps in place of one with its client id, whose connection ends later.</summary>
    /// <returns>False when another tap is connected under its client id: nobody may take over from another tap.</returns>
    public bool TryAdd(TapClient client)
    {
        lock (_gate)
        {
            if (_byClientId.GetValueOrDefault(client.ClientId)?[^1] is { } present && present.TapId != client.TapId)
            {
                return false;
            }

            Add(_byClientId, client.ClientId, client);
            if (client.TapId is { } tapId)
            {
                Add(_byTap, tapId, client);
            }

            return true;
        }
    }

    /// <summary>Removes a client whose connection has ended.</summary>
    /// <returns>False when it was not there.</returns>
    public bool Remove(TapClient client)
    {
        lock (_gate)
        {
            if (client.TapId is { } tapId)
            {
                Remove(_byTap, tapId, client);
            }

            return Remove(_byClientId, client.ClientId, client);
        }
    }

    private static void Add<TKey>(Dictionary<TKey, List<TapClient>> clients, TKey key, TapClient client)
        where TKey : notnull
    {
        if (clients.TryGetValue(key, out var others))
        {
            others.Add(client);
        }
        else
        {
            clients.Add(key, [client]);
        }
    }

    private static bool Remove<TKey>(Dictionary<TKey, List<TapClient>> clients, TKey key, TapClient client)
        where TKey : notnull
    {
        if (!clients.TryGetValue(key, out var others) || !others.Remove(client))
        {
            return false;
        }

        if (others.Count == 0)
        {
            clients.Remove(key);
        }

        return true;
    }
}
