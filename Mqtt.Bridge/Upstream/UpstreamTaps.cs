using System.Threading.Channels;

namespace Mqtt.Bridge.Upstream;

/// <summary>The taps that are online at the broker, by their retained status. Safe for concurrent use.</summary>
/// <remarks>
/// Every bridge listens to the status of every tap, since a broker sends what it has retained to plain subscriptions only; what
/// follows from it is the business of the one that leads, for the others there are no taps.
/// </remarks>
internal sealed class UpstreamTaps(UpstreamLead lead)
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _online = [];

    // As many taps as one broker may have; of one that is dropped, the commands wait for its next status.
    private readonly Channel<int> _due = Channel.CreateBounded<int>(
        new BoundedChannelOptions(100_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <summary>Taps that may have commands to be sent.</summary>
    public ChannelReader<int> Due => _due.Reader;

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
    public void Enter(int tapId)
    {
        lock (_gate)
        {
            _online.Add(tapId);
        }

        CommandsFor(tapId);
    }

    /// <summary>A tap is offline.</summary>
    public void Leave(int tapId)
    {
        lock (_gate)
        {
            _online.Remove(tapId);
        }
    }

    /// <summary>Nothing is known of any tap: the connection to the broker is another one.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _online.Clear();
        }
    }

    /// <summary>A command waits for a tap.</summary>
    public void CommandsFor(int tapId) => _due.Writer.TryWrite(tapId);

    /// <summary>Commands may wait for any of the taps.</summary>
    public void CommandsForAll()
    {
        foreach (var tapId in TapIds)
        {
            CommandsFor(tapId);
        }
    }
}
