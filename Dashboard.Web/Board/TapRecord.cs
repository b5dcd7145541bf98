using Taproom.Pours;
using Taproom.Signals;
using Taproom.Store;

namespace Dashboard.Web.Board;

/// <summary>What the board knows of one tap: the totals in Postgres, and what was received and is not in them yet.</summary>
internal sealed class TapRecord(int tapId)
{
    /// <summary>How many of a tap's latest pours its mix of glasses is about.</summary>
    public const int MixSize = 100;

    /// <summary>How many slots of <see cref="ActivitySlot"/> are shown.</summary>
    public const int ActivitySlots = 20;

    /// <summary>Time that one bar of a tap's activity stands for.</summary>
    public static readonly TimeSpan ActivitySlot = TimeSpan.FromSeconds(30);

    private readonly RollingCount _activity = new(ActivitySlot, ActivitySlots);
    private readonly Queue<GlassType> _glasses = new();
    private long _storedPours;
    private decimal _storedVolumeMl;
    private long _openPours;
    private decimal _openVolumeMl;
    private DateTimeOffset? _lastPourAt;
    private Keg? _keg;
    private BeverageView? _beverage;
    private string? _name;
    private bool _isRegistered;

    /// <summary>Takes what Postgres has of this tap.</summary>
    /// <param name="totals">Its row; null when it is neither registered nor has a pour.</param>
    /// <param name="keg">The keg on it, as of the same moment, or null.</param>
    /// <param name="beverage">What is known of what is in that, or null.</param>
    public void TakeTotals(TapTotals? totals, Keg? keg, BeverageView? beverage)
    {
        (_storedPours, _storedVolumeMl, _keg, _beverage) = (totals?.Pours ?? 0, totals?.VolumeMl ?? 0, keg, beverage);
        (_name, _isRegistered) = (totals?.Name, totals?.RegisteredAt is not null);
        PouredAt(totals?.LastSeen);
    }

    /// <summary>Counts a pour that the totals do not hold yet.</summary>
    public void Open(Pour pour)
    {
        _openPours++;
        _openVolumeMl += pour.VolumeMl ?? 0;
    }

    /// <summary>The totals hold it now.</summary>
    public void Close(Pour pour)
    {
        _openPours--;
        _openVolumeMl -= pour.VolumeMl ?? 0;
    }

    /// <summary>Adds pours to the recent activity, whether the totals hold them or not.</summary>
    public void Count(DateTimeOffset at, DateTimeOffset now, int pours) => _activity.Add(at, now, pours);

    /// <summary>Forgets its recent activity and its mix of glasses.</summary>
    public void ClearHistory()
    {
        _activity.Clear();
        _glasses.Clear();
    }

    /// <summary>Adds a pour to the mix of glasses.</summary>
    public void Show(Pour pour)
    {
        if (pour.Glass is { } glass)
        {
            _glasses.Enqueue(glass);
        }

        if (_glasses.Count > MixSize)
        {
            _glasses.Dequeue();
        }

        PouredAt(pour.ReceivedAt);
    }

    /// <summary>The tap as the page shows it; null when no pour is left of it, no keg is on it and it is neither registered nor connected.</summary>
    public TapView? View(DateTimeOffset now, KegOptions kegs, IReadOnlyDictionary<int, bool>? connections, TapFacts facts)
    {
        var pours = _storedPours + _openPours;
        bool? isConnected = connections is not null && connections.TryGetValue(tapId, out var value) ? value : null;
        return pours == 0 && _keg is null && !_isRegistered && isConnected is not true
            ? null
            : new TapView(
                tapId,
                _name,
                connections is null ? TapStatus.Unknown
                    : TapPresence.IsOnline(isConnected, _lastPourAt, now) ? TapStatus.Online
                    : TapStatus.Offline,
                pours,
                _storedVolumeMl + _openVolumeMl,
                _lastPourAt,
                _activity.At(now),
                _glasses.CountBy(glass => glass).ToDictionary(),
                ViewKeg(kegs, facts),
                facts.Temperatures.TryGetValue(tapId, out var temperature) && temperature.Holds(now) ? temperature : null
            );
    }

    // What the totals do not hold yet has not been taken from the keg either.
    private KegView? ViewKeg(KegOptions kegs, TapFacts facts) =>
        _keg is null
            ? null
            : new KegView(
                _keg.Beverage,
                _keg.SizeMl,
                _keg.LevelMl - _openVolumeMl,
                kegs.IsLow(_keg.LevelMl - _openVolumeMl, _keg.SizeMl),
                facts.MinutesLeft.TryGetValue(_keg.Id, out var minutes) ? minutes : null,
                _keg.Id,
                _beverage
            );

    private void PouredAt(DateTimeOffset? at) => _lastPourAt = _lastPourAt > at ? _lastPourAt : at ?? _lastPourAt;
}
