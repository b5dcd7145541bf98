using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Verify;

/// <summary>Everything that was poured in a verified run. Without verification it keeps nothing.</summary>
/// <param name="options">Whether it keeps anything.</param>
internal sealed class PourLedger(IOptions<VerifyOptions> options)
{
    private readonly ConcurrentDictionary<Guid, int> _poured = [];
    private readonly ConcurrentDictionary<Guid, int> _refused = [];

    /// <summary>The tap of each pour, by the pour's id.</summary>
    public IReadOnlyDictionary<Guid, int> AllPoured => _poured;

    /// <summary>The tap of each pour that the bridge has refused, by the pour's id.</summary>
    public IReadOnlyDictionary<Guid, int> AllRefused => _refused;

    /// <summary>A tap has poured, and its journal has the pour.</summary>
    public void Poured(int tapId, Guid id)
    {
        if (options.Value.Enabled)
        {
            _poured[id] = tapId;
        }
    }

    /// <summary>The bridge has refused a pour for good.</summary>
    public void Refused(int tapId, Guid id)
    {
        if (options.Value.Enabled)
        {
            _refused[id] = tapId;
        }
    }
}
