using Taproom;
using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Board;

/// <summary>Counters of every tap, and the newest pours. Part of <see cref="LiveBoard"/>, and guarded by it.</summary>
/// <remarks>
/// A counter is the total in Postgres plus the pours received since that are not part of it. Each id counts once: one that comes
/// again while it is remembered changes nothing, an older one is found in Postgres by the next <see cref="Reconcile"/>.
/// </remarks>
internal sealed class TapBoard(KegOptions kegs, TimeProvider time, int rememberedIds)
{
    /// <summary>How far back the board shows how much was poured.</summary>
    public static readonly TimeSpan Window = TapRecord.ActivitySlot * TapRecord.ActivitySlots;

    private readonly Dictionary<int, TapRecord> _taps = [];
    private readonly List<Pour> _latest = [];
    private readonly RecentSet<Guid> _received = new(rememberedIds);
    private readonly Dictionary<Guid, Pour> _open = [];
    private readonly RollingCount _activity = new(TapRecord.ActivitySlot, TapRecord.ActivitySlots);
    private readonly RollingCount _perSecond = new(TimeSpan.FromSeconds(1), 60);
    private IReadOnlyDictionary<int, bool>? _connections;
    private TapFacts _facts = TapFacts.None;

    /// <summary>Whether the board has had totals; what was poured before this process started is unknown until then.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>The pours that were received last, newest first.</summary>
    public IReadOnlyList<Pour> Latest => _latest;

    /// <summary>The ids to ask Postgres for: what is counted beside its totals, and what is listed.</summary>
    public IReadOnlyList<Guid> IdsToCheck => [.. _open.Keys.Union(_latest.Select(pour => pour.Id))];

    /// <summary>Every tap that is shown, by id.</summary>
    public IReadOnlyList<TapView> Taps(DateTimeOffset now) =>
        [.. _taps.OrderBy(tap => tap.Key).Select(tap => tap.Value.View(now, kegs, _connections, _facts)).OfType<TapView>()];

    /// <summary>Pours received within the last 60 s.</summary>
    public int PoursPerMinute(DateTimeOffset now) => _perSecond.At(now).Sum();

    /// <summary>Pours of all taps per <see cref="TapRecord.ActivitySlot"/>, oldest first.</summary>
    public IReadOnlyList<int> Activity(DateTimeOffset now) => _activity.At(now);

    /// <summary>Whether an id was received.</summary>
    public bool Knows(Guid id) => _received.Contains(id);

    /// <summary>Says which taps are connected, and which were; null when nobody knows.</summary>
    public void ConnectionsAre(IReadOnlyDictionary<int, bool>? connections)
    {
        _connections = connections;
        foreach (var (tapId, _) in connections?.Where(tap => tap.Value) ?? [])
        {
            Tap(tapId);
        }
    }

    /// <summary>Says what changes slowly.</summary>
    public void FactsAre(TapFacts facts) => _facts = facts;

    /// <summary>Takes a pour from the stream; false when its id is known.</summary>
    /// <remarks>One whose volume only the store can tell is shown without it, and counted once it is stored.</remarks>
    public bool Receive(Pour pour)
    {
        if (!_received.Add(pour.Id) || (pour.VolumeMl is not null && !_open.TryAdd(pour.Id, pour)))
        {
            return false;
        }

        if (pour.VolumeMl is not null)
        {
            Tap(pour.TapId).Open(pour);
        }

        Count(pour.TapId, pour.ReceivedAt, time.GetUtcNow(), 1);
        Show(pour);
        return true;
    }

    /// <summary>Takes deleted pours off the board; the totals of the next <see cref="Reconcile"/> are without them.</summary>
    /// <param name="ids">Their ids.</param>
    /// <returns>Those that were on the board.</returns>
    public IReadOnlyList<Guid> Delete(IEnumerable<Guid> ids) => [.. ids.Where(id => Close(id) | _latest.RemoveAll(pour => pour.Id == id) > 0)];

    /// <summary>Takes what Postgres had at one moment.</summary>
    /// <param name="stored">Its totals, and which of <see cref="IdsToCheck"/> it had.</param>
    public void Reconcile(StoredBoard stored)
    {
        var totals = stored.Totals.ToDictionary(tap => tap.Id);
        var tapped = stored.Kegs.ToDictionary(keg => keg.TapId!.Value);
        foreach (var tapId in totals.Keys.Union(_taps.Keys).ToList())
        {
            var keg = tapped.GetValueOrDefault(tapId);
            Tap(tapId).TakeTotals(totals.GetValueOrDefault(tapId), keg, keg is null ? null : stored.Beverages.GetValueOrDefault(keg.Id));
        }

        foreach (var id in stored.StoredIds)
        {
            Close(id);
        }

        TakeDerived(stored.DerivedMl);
        if (stored.History is { } history)
        {
            Begin(history);
        }

        IsLoaded = true;
    }

    // Those of listed pours; a calibration that is set later changes them again.
    private void TakeDerived(IReadOnlyDictionary<Guid, decimal> derivedMl)
    {
        for (var n = 0; n < _latest.Count; n++)
        {
            var pour = _latest[n];
            if (derivedMl.TryGetValue(pour.Id, out var volumeMl) && pour.VolumeMl != volumeMl)
            {
                _latest[n] = pour with { VolumeMl = volumeMl };
                if (pour.VolumeMl is null)
                {
                    Tap(pour.TapId).Show(_latest[n]);
                }
            }
        }
    }

    /// <summary>Begins the lists and bars anew: with what was received before, and what has come since and is not part of that.</summary>
    private void Begin(History history)
    {
        _latest.Clear();
        _activity.Clear();
        _perSecond.Clear();
        foreach (var tap in _taps.Values)
        {
            tap.ClearHistory();
        }

        var now = time.GetUtcNow();
        foreach (var count in history.Counts.Concat(_open.Values.Select(pour => new PourCount(pour.TapId, pour.ReceivedAt, 1))))
        {
            Count(count.TapId, count.At, now, count.Pours);
        }

        foreach (var pour in history.Newest.Concat(_open.Values).OrderBy(pour => pour.ReceivedAt))
        {
            _received.Add(pour.Id);
            Show(pour);
        }
    }

    private TapRecord Tap(int tapId) => _taps.TryGetValue(tapId, out var tap) ? tap : _taps[tapId] = new TapRecord(tapId);

    private bool Close(Guid id)
    {
        if (!_open.Remove(id, out var pour))
        {
            return false;
        }

        Tap(pour.TapId).Close(pour);
        return true;
    }

    private void Count(int tapId, DateTimeOffset at, DateTimeOffset now, int pours)
    {
        Tap(tapId).Count(at, now, pours);
        _perSecond.Add(at, now, pours);
        _activity.Add(at, now, pours);
    }

    private void Show(Pour pour)
    {
        Tap(pour.TapId).Show(pour);
        _latest.InsertLatest(pour, other => other.ReceivedAt);
    }
}
