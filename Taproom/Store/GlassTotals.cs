using Taproom.Pours;

namespace Taproom.Store;

/// <summary>A row of <c>glass_totals</c>: what a tap has poured of a glass type, kept up to date with the pours.</summary>
/// <remarks>By tap, so that no two partitions want one row.</remarks>
public sealed class GlassTotals
{
    /// <summary>The tap.</summary>
    public int TapId { get; init; }

    /// <summary>The glass type.</summary>
    public GlassType Glass { get; init; }

    /// <summary>Number of pours.</summary>
    public long Pours { get; init; }

    /// <summary>Sum of their volumes in mL.</summary>
    public decimal VolumeMl { get; init; }
}
