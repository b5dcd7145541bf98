using Mqtt.Bridge.HomeAssistant;

namespace Mqtt.Bridge.Tests.HomeAssistant;

public sealed class LocalDayTests
{
    [Theory]
    [InlineData("Etc/UTC", "2026-11-29T00:00:00Z", "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z")]
    [InlineData("Etc/UTC", "2026-11-29T23:59:59.999Z", "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z")]
    [InlineData("Europe/Berlin", "2026-11-28T23:00:00Z", "2026-11-28T23:00:00Z", "2026-11-29T23:00:00Z")]
    [InlineData("Asia/Kolkata", "2026-11-29T18:29:00Z", "2026-11-28T18:30:00Z", "2026-11-29T18:30:00Z")]
    // Days of 23 and 25 hours.
    [InlineData("Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    // In Beirut the clock goes from 0:00 to 1:00, in Havana from 1:00 back to 0:00: there the day has two midnights.
    [InlineData("Asia/Beirut", "2026-03-29T12:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z")]
    [InlineData("America/Havana", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    public void A_day_begins_and_ends_at_midnight_of_its_zone(string zone, string now, string begin, string end)
    {
        var day = LocalDay.Of(DateTimeOffset.Parse(now), TimeZoneInfo.FindSystemTimeZoneById(zone));

        Assert.Equal((DateTimeOffset.Parse(begin), DateTimeOffset.Parse(end)), (day.Begin, day.End));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (day.Begin.Offset, day.End.Offset));
        Assert.True(day.Contains(DateTimeOffset.Parse(now)));
        Assert.False(day.Contains(day.End));
    }
}
