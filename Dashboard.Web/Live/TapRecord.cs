using Taproom.Pours;
using Taproom.Store;

namespace Taproom.Dashboard.Live;

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
    private DateTimeOffset _lastPourAt;

    /// <summary>Takes the totals of Postgres; null when it has no pour of this tap.</summary>
    public void TakeTotals(TapTotals? totals)
    {
        (_storedPours, _storedVolumeMl) = (totals?.Pours ?? 0, totals?.VolumeMl ?? 0);
        _lastPourAt = totals?.LastSeen is { } seen && seen > _lastPourAt ? seen : _lastPourAt;
    }

    /// <summary>Counts a pour that the totals do not hold yet.</summary>
    public void Open(Pour pour)
    {
        _openPours++;
        _openVolumeMl += pour.VolumeMl;
    }

    /// <summary>The totals hold it now.</summary>
    public void Close(Pour pour)
    {
        _openPours--;
        _openVolumeMl -= pour.VolumeMl;
    }

    /// <summary>Adds a pour to the recent activity, whether the totals hold it or not.</summary>
    public void Show(Pour pour, DateTimeOffset now)
    {
        _activity.Add(pour.ReceivedAt, now);
        _glasses.Enqueue(pour.Glass);
        if (_glasses.Count > MixSize)
        {
            _glasses.Dequeue();
        }

        _lastPourAt = pour.ReceivedAt > _lastPourAt ? pour.ReceivedAt : _lastPourAt;
    }

    /// <summary>The tap as the page shows it; null when no pour is left of it.</summary>
    public TapView? View(DateTimeOffset now)
    {
        var pours = _storedPours + _openPours;
        return pours == 0
            ? null
            : new TapView(tapId, pours, _storedVolumeMl + _openVolumeMl, _lastPourAt, _activity.At(now),
                _glasses.CountBy(glass => glass).ToDictionary());
    }
}
