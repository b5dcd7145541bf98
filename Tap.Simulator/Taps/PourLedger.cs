using System.Collections.Concurrent;

namespace Tap.Simulator.Taps;

/// <summary>What was poured and what was refused in a verified run.</summary>
/// <param name="records">False where nobody will ask: then it keeps nothing.</param>
internal sealed class PourLedger(bool records)
{
    private readonly ConcurrentDictionary<Guid, int> _poured = [];
    private readonly ConcurrentDictionary<Guid, int> _refused = [];

    /// <summary>The tap of each pour, by the pour's id.</summary>
    public IReadOnlyDictionary<Guid, int> AllPoured => _poured;

    /// <summary>The tap of each pour that was refused, by the pour's id.</summary>
    public IReadOnlyDictionary<Guid, int> AllRefused => _refused;

    /// <summary>A tap has poured, and its journal has the pour.</summary>
    public void Poured(int tapId, Guid id) => Record(_poured, tapId, id);

    /// <summary>A pour was refused for good.</summary>
    public void Refused(int tapId, Guid id) => Record(_refused, tapId, id);

    private void Record(ConcurrentDictionary<Guid, int> pours, int tapId, Guid id)
    {
        if (records)
        {
            pours[id] = tapId;
        }
    }
}
