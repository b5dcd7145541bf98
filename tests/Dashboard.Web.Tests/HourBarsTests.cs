using System.Globalization;
using Dashboard.Web.Board;
using Dashboard.Web.Components.Common;

namespace Dashboard.Web.Tests;

public sealed class HourBarsTests
{
    // 18:30 in Kathmandu, 13:45 in Berlin.
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 45, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("UTC", 0, "2026-05-04T00:00:00Z", 5)]
    [InlineData("UTC", 0, "2026-05-04T11:00:00Z", 5)]
    // This hour is not over yet.
    [InlineData("UTC", 0, "2026-05-04T12:00:00Z", 0)]
    [InlineData("UTC", 0, "2026-05-03T23:00:00Z", 0)]
    [InlineData("UTC", 7, "2026-04-27T11:00:00Z", 5)]
    [InlineData("UTC", 7, "2026-04-27T12:00:00Z", 0)]
    [InlineData("Europe/Berlin", 0, "2026-05-03T22:00:00Z", 5)]
    [InlineData("Europe/Berlin", 0, "2026-05-03T21:00:00Z", 0)]
    // The hour that begins at 00:45 there, and the one before.
    [InlineData("Asia/Kathmandu", 0, "2026-05-03T19:00:00Z", 5)]
    [InlineData("Asia/Kathmandu", 0, "2026-05-03T18:00:00Z", 0)]
    public void A_day_is_counted_by_whole_hours_of_the_visitors_clock(string zone, int daysAgo, string hour, int volumeMl)
    {
        var hours = new Dictionary<DateTimeOffset, decimal> { [DateTimeOffset.Parse(hour, CultureInfo.InvariantCulture)] = 5 };

        Assert.Equal(volumeMl, HourBars.DayUntilNow(VisitOf(zone), hours, daysAgo, TimeSpan.Zero));
    }

    [Fact]
    public void Bars_end_with_this_hour_and_this_day()
    {
        var hours = new Dictionary<DateTimeOffset, decimal>
        {
            [Now.AddMinutes(-45)] = 1,
            [Now.AddMinutes(-45).AddHours(-23)] = 2,
            [Now.AddMinutes(-45).AddHours(-24)] = 4,
            [Now.AddMinutes(-45).AddDays(-7)] = 8,
        };

        var day = HourBars.LastDay(VisitOf("Europe/Berlin"), hours);
        Assert.Equal([("15:00", 2m), ("14:00", 1m)], [day[0], day[^1]]);
        Assert.Equal(3, day.Sum(bar => bar.VolumeMl));
        var week = HourBars.LastWeek(VisitOf("Europe/Berlin"), hours, TimeSpan.Zero);
        Assert.Equal([("Tue 28 Apr", 0m), ("Sun 3 May", 6m), ("Mon 4 May", 1m)], [week[0], week[^2], week[^1]]);
    }

    [Theory]
    [InlineData("2026-11-28T01:00:00Z", 7, 5)]
    [InlineData("2026-11-28T05:00:00Z", 0, 0)]
    public void A_night_belongs_to_the_day_on_which_it_began(string at, decimal tonight, decimal lastWeek)
    {
        // Until one o'clock, three hours before the house's day ends.
        var visit = VisitOf("UTC") with
        {
            Board = VisitOf("UTC").Board with { At = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) },
        };
        var hours = new Dictionary<DateTimeOffset, decimal>
        {
            [new(2026, 11, 27, 20, 0, 0, TimeSpan.Zero)] = 4,
            [new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero)] = 3,
            [new(2026, 11, 28, 1, 0, 0, TimeSpan.Zero)] = 100,
            [new(2026, 11, 20, 22, 0, 0, TimeSpan.Zero)] = 5,
            [new(2026, 11, 21, 2, 0, 0, TimeSpan.Zero)] = 50,
            [new(2026, 11, 20, 3, 0, 0, TimeSpan.Zero)] = 500,
        };
        Assert.Equal(tonight, HourBars.DayUntilNow(visit, hours, daysAgo: 0, TimeSpan.FromHours(4)));
        Assert.Equal(lastWeek, HourBars.DayUntilNow(visit, hours, daysAgo: 7, TimeSpan.FromHours(4)));
    }

    // Each whole hour has one mL, so a bar tells how long its day was. It is Monday, noon.
    [Theory]
    [InlineData("Europe/Berlin", "2026-03-30T10:00:00Z", "04:00", "23, 24, 8")]
    [InlineData("Europe/Berlin", "2026-03-30T10:00:00Z", "00:00", "24, 23, 12")]
    [InlineData("Europe/Berlin", "2026-03-30T10:00:00Z", "02:30", "24, 23, 9")]
    [InlineData("Europe/Berlin", "2026-10-26T11:00:00Z", "04:00", "25, 24, 8")]
    [InlineData("Europe/Berlin", "2026-10-26T11:00:00Z", "00:00", "24, 25, 12")]
    [InlineData("Europe/Berlin", "2026-10-26T11:00:00Z", "02:30", "25, 24, 9")]
    [InlineData("America/New_York", "2026-11-02T17:00:00Z", "04:00", "25, 24, 8")]
    [InlineData("Asia/Kathmandu", "2026-10-26T06:15:00Z", "04:00", "24, 24, 7")]
    public void Days_end_when_the_house_closes_also_where_clocks_are_changed(string zone, string noon, string dayEnds, string hoursOfDays)
    {
        var now = DateTimeOffset.Parse(noon, CultureInfo.InvariantCulture);
        var visit = VisitOf(zone) with { Board = VisitOf(zone).Board with { At = now } };
        var hours = Enumerable.Range(1, 8 * 24).ToDictionary(ago => HourBars.HourOf(now).AddHours(-ago), _ => 1m);

        var week = HourBars.LastWeek(visit, hours, TimeSpan.Parse(dayEnds, CultureInfo.InvariantCulture));

        Assert.Equal(hoursOfDays, string.Join(", ", week.TakeLast(3).Select(bar => bar.VolumeMl)));
        Assert.Equal(["Sat", "Sun", "Mon"], week.TakeLast(3).Select(bar => bar.Name[..3]));
        Assert.Equal(week[^1].VolumeMl, HourBars.DayUntilNow(visit, hours, daysAgo: 0, TimeSpan.Parse(dayEnds, CultureInfo.InvariantCulture)));
    }

    // At 04:00 on the clock of the house; without one, by UTC.
    [Theory]
    [InlineData("Europe/Berlin", "2026-11-28T02:59:59Z", "2026-11-27")]
    [InlineData("Europe/Berlin", "2026-11-28T03:00:00Z", "2026-11-28")]
    [InlineData("Europe/Berlin", "2026-03-29T01:59:59Z", "2026-03-28")]
    [InlineData("Europe/Berlin", "2026-03-29T02:00:00Z", "2026-03-29")]
    [InlineData("America/New_York", "2026-11-28T08:59:59Z", "2026-11-27")]
    [InlineData(null, "2026-11-28T03:59:59Z", "2026-11-27")]
    [InlineData(null, "2026-11-28T04:00:00Z", "2026-11-28")]
    public void A_report_ends_with_the_business_day_that_it_is(string? zone, string at, string day)
    {
        var venue = new VenueOptions { TimeZone = zone };

        Assert.Equal(DateOnly.Parse(day, CultureInfo.InvariantCulture), venue.BusinessDay(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("2026-03-29T02:30", "2026-03-29T01:30:00Z")]
    [InlineData("2026-10-25T02:30", "2026-10-25T01:30:00Z")]
    [InlineData("2026-05-04T20:15", "2026-05-04T18:15:00Z")]
    [InlineData("0001-01-01T00:00", "0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59", "9999-12-31T23:59:00Z")]
    [InlineData("2026-05-04T20:15Z", null)]
    [InlineData("soon", null)]
    public void A_time_in_an_address_is_the_visitors_also_where_clocks_are_changed(string from, string? at)
    {
        var time = LocalTime.Parse(from, Visit.ZoneOf("Europe/Berlin"));

        Assert.Equal(at is null ? (DateTimeOffset?)null : DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), time);
    }

    private static Visit VisitOf(string zone) =>
        new(new BoardView(Now, BoardState.Live, [], [], [], [], [], 0, []), Visit.ZoneOf(zone), OpenedAt: null);
}
