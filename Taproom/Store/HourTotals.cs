namespace Taproom.Store;

/// <summary>A row of <c>hour_totals</c>: what a tap has poured within an hour, kept up to date with the pours.</summary>
/// <remarks>By tap, so that no two partitions want one row.</remarks>
public sealed class HourTotals
{
    /// <summary>The tap.</summary>
    public int TapId { get; init; }

    /// <summary>When the hour began; UTC.</summary>
    public DateTimeOffset Hour { get; init; }

    /// <summary>Number of pours.</summary>
    public long Pours { get; init; }

    /// <summary>Sum of their volumes in mL.</summary>
    public decimal VolumeMl { get; init; }
}
