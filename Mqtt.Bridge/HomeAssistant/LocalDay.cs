namespace Mqtt.Bridge.HomeAssistant;

/// <summary>A day on the clock of a time zone, from its first moment to that of the next; UTC.</summary>
/// <param name="Begin">Its first moment.</param>
/// <param name="End">The first moment of the next day.</param>
internal sealed record LocalDay(DateTimeOffset Begin, DateTimeOffset End)
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(15);

    /// <summary>The day that a moment is in.</summary>
    public static LocalDay Of(DateTimeOffset now, TimeZoneInfo zone)
    {
        var date = TimeZoneInfo.ConvertTime(now, zone).Date;
        return new LocalDay(FirstMoment(date, zone), FirstMoment(date.AddDays(1), zone));
    }

    /// <summary>Whether a moment is in it.</summary>
    public bool Contains(DateTimeOffset at) => Begin <= at && at < End;

    private static DateTimeOffset FirstMoment(DateTime midnight, TimeZoneInfo zone)
    {
        // In some zones the clock is put forward at midnight: then there is no 0:00, and the day begins later.
        while (zone.IsInvalidTime(midnight))
        {
            midnight += Step;
        }

        // Where the clock is put back over midnight there are two, and the day begins with the first.
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUniversalTime();
    }
}
