namespace Taproom.Store;

/// <summary>A row of <c>taps</c>: what a tap has poured so far, kept up to date in the transaction that stores its pours.</summary>
public sealed class TapTotals
{
    /// <summary>The tap, 1 or more.</summary>
    public int Id { get; init; }

    /// <summary>Number of its stored pours.</summary>
    public long Pours { get; init; }

    /// <summary>Sum of their volumes in mL.</summary>
    public decimal VolumeMl { get; init; }

    /// <summary>When its first stored pour was received; UTC.</summary>
    public DateTimeOffset FirstSeen { get; init; }

    /// <summary>When its newest stored pour was received; UTC.</summary>
    public DateTimeOffset LastSeen { get; init; }
}
