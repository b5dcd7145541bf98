using Taproom;

namespace Tap.Simulator.Journal;

/// <summary>The pours that a tap has to send, or to send again: those of its journal, each until its receipt.</summary>
/// <remarks>Safe for concurrent use: a tap pours, sends and gets receipts at the same time.</remarks>
/// <param name="journal">The journal, which is disposed of with this.</param>
/// <param name="capacity">Most pours that it keeps.</param>
/// <param name="resendAfter">How long a receipt may take before a pour is sent again.</param>
/// <param name="time">The clock.</param>
internal sealed class Outbox(PourJournal journal, int capacity, TimeSpan resendAfter, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _notBefore = [];

    private readonly Signal _changed = new(time);
    private readonly Signal _removed = new(time);

    /// <summary>The pours without a receipt.</summary>
    public IReadOnlyList<Pour> Pending => Locked<IReadOnlyList<Pour>>(() => [.. journal.Pending]);

    /// <summary>Whether it keeps as many pours as it may.</summary>
    public bool IsFull => Locked(() => journal.Count >= capacity);

    /// <summary>Number of the newest pour; 0 before the first.</summary>
    public long LastSeq => Locked(() => journal.LastSeq);

    /// <summary>Returns when it is not full.</summary>
    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (IsFull)
        {
            await _removed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Adds a pour; it is on disk when this returns.</summary>
    /// <param name="pour">The pour.</param>
    /// <param name="holdBack">How long it is not to be sent, so that later ones overtake it.</param>
    /// <exception cref="JournalException">The disk does not take it.</exception>
    public void Add(Pour pour, TimeSpan holdBack)
    {
        lock (_gate)
        {
            journal.Append(pour);
            if (holdBack > TimeSpan.Zero)
            {
                _notBefore[pour.Id] = Later(holdBack);
            }
        }

        _changed.Set();
    }

    /// <summary>Waits for the next pour that is due: not sent yet, or sent so long ago that its receipt must be lost.</summary>
    public async Task<Pour> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (pour, wait) = Next();
            if (pour is not null)
            {
                return pour;
            }

            // Until something has changed, the first receipt is overdue, or the first pour is held back no longer.
            await _changed.WaitAsync(wait, cancellationToken);
        }
    }

    /// <summary>A pour was acknowledged; it is due again when its receipt does not come.</summary>
    /// <remarks>Its receipt may have come first; then there is nothing to be sent again.</remarks>
    public void Sent(Pour pour)
    {
        lock (_gate)
        {
            if (journal.Holds(pour.Id))
            {
                _notBefore[pour.Id] = Later(resendAfter);
            }
        }
    }

    /// <summary>Removes pours that are stored, or that nobody will ever store.</summary>
    /// <returns>Those of them that were kept here.</returns>
    public IReadOnlyList<Guid> Remove(IReadOnlyList<Guid> ids)
    {
        var removed = Locked(() =>
        {
            ids.ToList().ForEach(id => _notBefore.Remove(id));
            return journal.Remove(ids);
        });
        _removed.Set();
        return removed;
    }

    /// <summary>A new connection: what has no receipt is due at once, because it may have been lost with the old one.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            _notBefore.Clear();
        }

        _changed.Set();
    }

    /// <summary>Forgets all that is not on disk, as a power cut does.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            journal.Reload();
        }

        Renew();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            journal.Dispose();
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private long Later(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);

    private (Pour? Pour, TimeSpan Wait) Next()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var soonest = long.MaxValue;
            foreach (var pour in journal.Pending)
            {
                if (!_notBefore.TryGetValue(pour.Id, out var notBefore) || notBefore <= now)
                {
                    return (pour, default);
                }

                soonest = Math.Min(soonest, notBefore);
            }

            return (null, soonest == long.MaxValue ? Timeout.InfiniteTimeSpan : time.GetElapsedTime(now, soonest));
        }
    }
}
