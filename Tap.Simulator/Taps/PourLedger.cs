using System.Collections.Concurrent;

namespace Tap.Simulator.Taps;

/// <summary>What became of the pours of all taps, for a verified run.</summary>
/// <param name="records">False where nobody will ask: then it keeps each tap's newest stored pour only.</param>
internal sealed class PourLedger(bool records)
{
    private readonly ConcurrentDictionary<Guid, int> _poured = [];
    private readonly ConcurrentDictionary<Guid, int> _refused = [];
    private readonly ConcurrentDictionary<int, Guid> _stored = [];
    private int _repeated;
    private int _bad;

    /// <summary>The tap of each pour, by the pour's id.</summary>
    public IReadOnlyDictionary<Guid, int> AllPoured => _poured;

    /// <summary>The tap of each pour that was refused, by the pour's id.</summary>
    public IReadOnlyDictionary<Guid, int> AllRefused => _refused;

    /// <summary>How many pours were sent again on purpose.</summary>
    public int AllRepeated => _repeated;

    /// <summary>How many messages were sent on purpose that must not be stored.</summary>
    public int AllBad => _bad;

    /// <summary>A tap has poured, and its journal has the pour.</summary>
    public void Poured(int tapId, Guid id) => Record(_poured, tapId, id);

    /// <summary>A pour was refused for good.</summary>
    public void Refused(int tapId, Guid id) => Record(_refused, tapId, id);

    /// <summary>A pour is stored.</summary>
    public void Stored(int tapId, Guid id) => _stored[tapId] = id;

    /// <summary>A pour was sent again on purpose.</summary>
    public void Repeated() => Interlocked.Increment(ref _repeated);

    /// <summary>A message was sent on purpose that must not be stored.</summary>
    public void Bad() => Interlocked.Increment(ref _bad);

    /// <summary>The id of a stored pour of another tap; null when there is none yet.</summary>
    public Guid? IdOfAnother(int tapId) => _stored.FirstOrDefault(stored => stored.Key != tapId) is { Key: > 0 } found ? found.Value : null;

    private void Record(ConcurrentDictionary<Guid, int> pours, int tapId, Guid id)
    {
        if (records)
        {
            pours[id] = tapId;
        }
    }
}
