using Microsoft.Extensions.Options;
using Taproom.Pours;
using Taproom.Store;

namespace Dashboard.Web.Live;

/// <summary>All that the page shows, in memory and bounded: counters of every tap, and the newest pours.</summary>
/// <remarks>
/// A counter is the total in Postgres plus the pours received since that are not part of it. Each id counts once: one that comes
/// again while it is remembered changes nothing, an older one is found in Postgres by the next <see cref="Reconcile"/>.
/// Safe for several threads.
/// </remarks>
internal sealed class TapBoard(IOptions<KegOptions> kegs, TimeProvider time)
{
    private const int RememberedIds = 200_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, TapRecord> _taps = [];
    private readonly List<Pour> _latest = [];
    private readonly BoundedIdSet _received = new(RememberedIds);
    private readonly BoundedIdSet _stored = new(RememberedIds);
    private readonly Dictionary<Guid, Pour> _open = [];
    private readonly RollingCount _activity = new(TapRecord.ActivitySlot, TapRecord.ActivitySlots);
    private readonly RollingCount _perSecond = new(TimeSpan.FromSeconds(1), 60);
    private bool? _streamIsUp;
    private bool? _storeIsUp;
    private IReadOnlyDictionary<int, TapStatus>? _statuses;
    private BoardView? _view;

    /// <summary>Whether the board has had totals; what was poured before this process started is unknown until then.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Says whether Redis answers.</summary>
    public void StreamIs(bool up) => Change(() => _streamIsUp = up);

    /// <summary>Says whether Postgres answers.</summary>
    public void StoreIs(bool up) => Change(() => _storeIsUp = up);

    /// <summary>Says which taps are online and offline; null when nobody knows.</summary>
    public void StatusesAre(IReadOnlyDictionary<int, TapStatus>? statuses) =>
        Change(() =>
        {
            _statuses = statuses;
            foreach (var (tapId, _) in statuses?.Where(tap => tap.Value is TapStatus.Online) ?? [])
            {
                Tap(tapId);
            }
        });

    /// <summary>Takes a pour from the stream.</summary>
    /// <returns>Whether its id is new, and whether a receipt for it came first.</returns>
    public (bool IsNew, bool IsStored) Receive(Pour pour)
    {
        lock (_lock)
        {
            if (!_received.Add(pour.Id) || !_open.TryAdd(pour.Id, pour))
            {
                return (false, _stored.Contains(pour.Id));
            }

            Tap(pour.TapId).Open(pour);
            Show(pour, time.GetUtcNow());
            _view = null;
            return (true, _stored.Contains(pour.Id));
        }
    }

    /// <summary>Marks pours as stored.</summary>
    /// <param name="ids">Their ids, received already or not.</param>
    /// <returns>Those that were received and not marked before.</returns>
    public IReadOnlyList<Guid> Store(IEnumerable<Guid> ids)
    {
        lock (_lock)
        {
            _view = null;
            return [.. ids.Where(id => _stored.Add(id) && _received.Contains(id))];
        }
    }

    /// <summary>Takes deleted pours off the board; the totals of the next <see cref="Reconcile"/> are without them.</summary>
    /// <param name="ids">Their ids.</param>
    /// <returns>Those that were on the board.</returns>
    public IReadOnlyList<Guid> Delete(IEnumerable<Guid> ids)
    {
        lock (_lock)
        {
            _view = null;
            return [.. ids.Where(id => Close(id) | _latest.RemoveAll(pour => pour.Id == id) > 0)];
        }
    }

    /// <summary>The ids to ask Postgres for: what is counted beside its totals, and what is listed.</summary>
    public IReadOnlyList<Guid> IdsToCheck()
    {
        lock (_lock)
        {
            return [.. _open.Keys.Union(_latest.Select(pour => pour.Id))];
        }
    }

    /// <summary>Takes what Postgres had at one moment.</summary>
    /// <param name="stored">Its totals, and which of <see cref="IdsToCheck"/> it had.</param>
    /// <returns>The ids that were not marked as stored before, because their receipts were missed; and those of deleted pours.</returns>
    public (IReadOnlyList<Guid> Stored, IReadOnlyList<Guid> Deleted) Reconcile(StoredBoard stored)
    {
        lock (_lock)
        {
            var totals = stored.Totals.ToDictionary(tap => tap.Id);
            var tapped = stored.Kegs.ToDictionary(keg => keg.TapId!.Value);
            foreach (var tapId in totals.Keys.Union(_taps.Keys).ToList())
            {
                Tap(tapId).TakeTotals(totals.GetValueOrDefault(tapId), tapped.GetValueOrDefault(tapId));
            }

            var deleted = Delete(stored.DeletedIds);
            foreach (var id in stored.StoredIds)
            {
                Close(id);
            }

            ShowStored(stored.Newest);
            IsLoaded = true;
            return (Store(stored.StoredIds.Except(stored.DeletedIds)), deleted);
        }
    }

    /// <summary>What the page shows now.</summary>
    public BoardView View()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return _view is not null && now - _view.At < TimeSpan.FromSeconds(1) ? _view : _view = BuildView(now);
        }
    }

    private BoardView BuildView(DateTimeOffset now)
    {
        var taps = _taps.OrderBy(tap => tap.Key).Select(tap => tap.Value.View(now, kegs.Value, Status(tap.Key))).OfType<TapView>().ToList();
        return new BoardView(
            now,
            taps,
            [.. _latest.Select(pour => new PourView(pour, _stored.Contains(pour.Id)))],
            taps.Sum(tap => tap.Pours),
            taps.Sum(tap => tap.VolumeMl),
            _perSecond.At(now).Sum(),
            _activity.At(now),
            BoardStates.Of(_streamIsUp, _storeIsUp)
        );
    }

    private TapStatus Status(int tapId) => _statuses?.GetValueOrDefault(tapId, TapStatus.None) ?? TapStatus.Unknown;

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

    private void Show(Pour pour, DateTimeOffset now)
    {
        Tap(pour.TapId).Show(pour, now);
        _perSecond.Add(pour.ReceivedAt, now);
        _activity.Add(pour.ReceivedAt, now);
        _latest.InsertLatest(pour, other => other.ReceivedAt);
    }

    private void ShowStored(IReadOnlyList<Pour> pours)
    {
        var now = time.GetUtcNow();
        foreach (var pour in pours.OrderBy(pour => pour.ReceivedAt))
        {
            _stored.Add(pour.Id);
            if (_received.Add(pour.Id))
            {
                Show(pour, now);
            }
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _view = null;
        }
    }
}
