using System.Globalization;
using Taproom;

namespace Mqtt.Bridge.HomeAssistant;

/// <summary>What has changed since it was taken last. Safe for concurrent use.</summary>
internal sealed class ChangedTaps(TimeProvider time)
{
    /// <summary>Of more changed taps than this, all are read.</summary>
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Signal _signal = new(time);
    private readonly HashSet<int> _taps = [];
    private readonly HashSet<Guid> _pours = [];
    private bool _all = true;

    /// <summary>Waits until something has changed, or it is time to look at the clock.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _signal.WaitAsync(cancellationToken);

    /// <summary>There is nothing new in the store, but perhaps in the time, or in who is online.</summary>
    public void Look() => _signal.Set();

    /// <summary>Something of a tap is new in the store.</summary>
    public void Add(int tapId) => Note(() => _taps.Add(tapId));

    /// <summary>Something of a device is new in the store.</summary>
    /// <param name="device">A tap id; anything else is no tap.</param>
    public void Add(string device)
    {
        if (int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var tapId))
        {
            Add(tapId);
        }
    }

    /// <summary>A pour was deleted.</summary>
    public void AddDeleted(Guid pourId) => Note(() => _pours.Add(pourId));

    /// <summary>All taps have to be read.</summary>
    public void AddAll() => Note(() => _all = true);

    /// <summary>Takes what has changed: taps, null for all of them, and deleted pours.</summary>
    public (int[]? Taps, Guid[] Pours) Take()
    {
        lock (_gate)
        {
            var isAll = _all || _taps.Count > Most || _pours.Count > Most;
            (int[]? Taps, Guid[] Pours) taken = isAll ? (null, []) : ([.. _taps], [.. _pours]);
            _taps.Clear();
            _pours.Clear();
            _all = false;
            return taken;
        }
    }

    private void Note(Action note)
    {
        lock (_gate)
        {
            note();
        }

        Look();
    }
}
