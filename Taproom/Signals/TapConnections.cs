namespace Taproom.Signals;

/// <summary>How many taps are connected at one moment.</summary>
/// <param name="Taps">Taps that are connected to some bridge.</param>
/// <param name="ByBridge">Those of each bridge that has some, by <see cref="BridgeName.Id"/>; a tap may be connected to more than one.</param>
public sealed record TapConnections(int Taps, IReadOnlyDictionary<string, int> ByBridge)
{
    /// <summary>Taps of the bridge with this name, as <see cref="Ingest.LineState.Bridges"/> has it.</summary>
    public int Of(string bridge) => ByBridge.GetValueOrDefault(BridgeName.IdOf(bridge));
}

/// <summary>How a bridge is called.</summary>
/// <param name="Full">Among the bridges that live: its machine, its process, and its id.</param>
/// <param name="Id">Where it says which taps it has: letters and digits alone.</param>
internal sealed record BridgeName(string Full, string Id)
{
    /// <summary>A name that no other bridge has.</summary>
    public static BridgeName New()
    {
        var id = Guid.NewGuid().ToString("N");
        return new($"{Environment.MachineName}-{Environment.ProcessId}-{id}", id);
    }

    /// <summary>The id at the end of a full name.</summary>
    public static string IdOf(string full) => full[(full.LastIndexOf('-') + 1)..];
}
