namespace Mqtt.Bridge.Upstream;

/// <summary>The taps that are online at the broker, by their retained status. Safe for concurrent use.</summary>
/// <remarks>
/// Every bridge listens to the status of every tap, since a broker sends what it has retained to plain subscriptions only. But only the
/// leading bridge acts on it; the others show no taps here.
/// </remarks>
internal sealed class UpstreamTaps(UpstreamLead lead)
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _online = [];

    /// <summary>A tap may have commands to be sent.</summary>
    public event Action<int>? Ready;

    /// <summary>The taps that are online at the broker, where this bridge has the lead.</summary>
    public IReadOnlyList<int> TapIds
    {
        get
        {
            lock (_gate)
            {
                return lead.IsOurs ? [.. _online] : [];
            }
        }
    }

    /// <summary>Whether this bridge has the lead, and a tap is online at its broker.</summary>
    public bool Has(int tapId)
    {
        lock (_gate)
        {
            return lead.IsOurs && _online.Contains(tapId);
        }
    }

    /// <summary>A tap is online.</summary>
    public void Add(int tapId)
    {
        lock (_gate)
        {
            _online.Add(tapId);
        }

        Ready?.Invoke(tapId);
    }

    /// <summary>A tap is offline.</summary>
    public void Remove(int tapId)
    {
        lock (_gate)
        {
            _online.Remove(tapId);
        }
    }

    /// <summary>Forgets all taps, because there is a new connection to the broker.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _online.Clear();
        }
    }

    /// <summary>Commands may wait for any of the taps.</summary>
    public void AllReady()
    {
        foreach (var tapId in TapIds)
        {
            Ready?.Invoke(tapId);
        }
    }
}
