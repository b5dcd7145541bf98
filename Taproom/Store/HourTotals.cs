namespace Taproom.Store;

/// <summary>A row of <c>hour_totals</c>: what was poured within an hour, kept up to date with the pours.</summary>
public sealed class HourTotals
{
    /// <summary>When the hour began; UTC.</summary>
    public DateTimeOffset Hour { get; init; }

    /// <summary>Number of pours.</summary>
    public long Pours { get; init; }

    /// <summary>Sum of their volumes in mL.</summary>
    public decimal VolumeMl { get; init; }
}
