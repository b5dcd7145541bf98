using System.Collections.Concurrent;

namespace Distributed.Tests.Faults;

/// <summary>What the taps of a run know of their pours.</summary>
internal sealed class PourLedger
{
    private readonly ConcurrentDictionary<Guid, PourRecord> _pours = [];
    private readonly ConcurrentQueue<PourRecord> _copies = [];
    private volatile PourRecord? _newestStored;

    /// <summary>The step of the run that goes on now, from 0.</summary>
    public int Step { get; set; }

    /// <summary>All pours by their ids.</summary>
    public IReadOnlyDictionary<Guid, PourRecord> Pours => _pours;

    /// <summary>Pours of taps that use the ids of others.</summary>
    public IReadOnlyCollection<PourRecord> Copies => _copies;

    /// <summary>A pour that is known to be stored; null before the first.</summary>
    public PourRecord? NewestStored => _newestStored;

    /// <summary>Answers that a tap must not get, whatever dies.</summary>
    public ConcurrentQueue<string> Unexpected { get; } = [];

    /// <summary>A tap has poured, and its journal has the pour.</summary>
    public void Poured(PourRecord pour)
    {
        if (!_pours.TryAdd(pour.Id, pour))
        {
            _copies.Enqueue(pour);
        }
    }

    /// <summary>A tap was told that a pour is taken: it forgets it.</summary>
    /// <param name="pour">The pour.</param>
    /// <param name="isStored">Whether it was told so by a receipt.</param>
    public void Acknowledged(PourRecord pour, bool isStored)
    {
        pour.AcknowledgedIn = Step;
        if (isStored)
        {
            _newestStored = pour;
        }
    }
}
