namespace Consumer.Worker.Writers;

/// <summary>Where a reading said that the odometer of a tap stood.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="At">When; UTC.</param>
/// <param name="Pulses">All pulses that the meter had counted.</param>
/// <param name="ReceivedAt">When it was received; UTC.</param>
internal sealed record OdometerReading(int TapId, DateTimeOffset At, long Pulses, DateTimeOffset ReceivedAt)
{
    /// <summary>When its minute began.</summary>
    public DateTimeOffset Minute => At.AddTicks(-(At.Ticks % TimeSpan.TicksPerMinute));

    /// <summary>The first and the last of each tap and minute, in order; of one time, the first is that which says least.</summary>
    public static IReadOnlyList<(OdometerReading First, OdometerReading Last)> ByMinute(IEnumerable<OdometerReading> readings) =>
        [
            .. readings
                .OrderBy(reading => reading.TapId)
                .ThenBy(reading => reading.At)
                .ThenBy(reading => reading.Pulses)
                .ThenBy(reading => reading.ReceivedAt)
                .GroupBy(reading => (reading.TapId, reading.Minute))
                .Select(minute => (minute.First(), minute.Last())),
        ];
}
