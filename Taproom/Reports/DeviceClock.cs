namespace Taproom.Reports;

/// <summary>The clock of a device, which may never have been set.</summary>
public static class DeviceClock
{
    private static readonly TimeSpan MaxAhead = TimeSpan.FromHours(24);
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether a time that a device names can be right: from the year 2000 to 24 hours after it was received.</summary>
    public static bool IsBelievable(DateTimeOffset named, DateTimeOffset receivedAt) => named >= Earliest && named - receivedAt <= MaxAhead;
}
