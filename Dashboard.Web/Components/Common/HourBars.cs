using System.Globalization;

namespace Dashboard.Web.Components.Common;

/// <summary>Bars for a <see cref="BarChart"/>, of totals by hour: volumes in mL by when the hour began, UTC.</summary>
internal static class HourBars
{
    /// <summary>Days of a week's chart.</summary>
    public const int Days = 7;

    /// <summary>When the hour of a moment began.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    /// <summary>The last 24 hours, by the visitor's clock.</summary>
    public static IReadOnlyList<(string Name, decimal VolumeMl)> LastDay(Visit visit, IReadOnlyDictionary<DateTimeOffset, decimal> hours)
    {
        var last = HourOf(visit.Board.At);
        return
        [
            .. Enumerable
                .Range(0, 24)
                .Select(i => last.AddHours(i - 23))
                .Select(hour => (visit.Local(hour).ToString("t", Languages.Current), hours.GetValueOrDefault(hour))),
        ];
    }

    /// <summary>The last seven days, as the house has them; where a day ends within an hour of the totals, that hour counts for the day in which it begins.</summary>
    /// <param name="visit">Whose clock counts.</param>
    /// <param name="hours">The totals.</param>
    /// <param name="dayEnds">How long after midnight, by that clock, a day ends and the next one begins.</param>
    public static IReadOnlyList<(string Name, decimal VolumeMl)> LastWeek(
        Visit visit,
        IReadOnlyDictionary<DateTimeOffset, decimal> hours,
        TimeSpan dayEnds
    )
    {
        var today = DayOf(visit, visit.Board.At, dayEnds);
        return
        [
            .. Enumerable
                .Range(0, Days)
                .Select(i => today.AddDays(i + 1 - Days))
                .Select(day =>
                    (
                        day.ToString(Languages.Current.Name == "de" ? "ddd d. MMM" : "ddd d MMM", Languages.Current),
                        Sum(hours, BeginOf(visit, day, dayEnds), BeginOf(visit, day.AddDays(1), dayEnds))
                    )
                ),
        ];
    }

    /// <summary>What was poured on a day from its begin until the same hour as now, in mL.</summary>
    /// <remarks>Whole hours only: half an hour of today says nothing beside a whole one of last week.</remarks>
    /// <param name="visit">Whose clock counts.</param>
    /// <param name="hours">The totals.</param>
    /// <param name="daysAgo">Which day; 0 for this one.</param>
    /// <param name="dayEnds">How long after midnight a day ends and the next one begins.</param>
    public static decimal DayUntilNow(Visit visit, IReadOnlyDictionary<DateTimeOffset, decimal> hours, int daysAgo, TimeSpan dayEnds)
    {
        var now = HourOf(visit.Board.At);
        var until = daysAgo == 0 ? now : LocalTime.Utc(visit.Local(now).DateTime.AddDays(-daysAgo), visit.Zone);
        return Sum(hours, BeginOf(visit, DayOf(visit, now, dayEnds).AddDays(-daysAgo), dayEnds), until);
    }

    /// <summary>The day to which a moment belongs.</summary>
    public static DateOnly DayOf(Visit visit, DateTimeOffset at, TimeSpan dayEnds)
    {
        // By moments, not by what the clock shows: where an hour comes twice, the clock goes back into the day before.
        var day = DateOnly.FromDateTime(visit.Local(at).DateTime);
        return at < BeginOf(visit, day, dayEnds) ? day.AddDays(-1) : day;
    }

    // The same moment at which Postgres begins a business day for the API.
    private static DateTimeOffset BeginOf(Visit visit, DateOnly day, TimeSpan dayEnds) =>
        LocalTime.Utc(day.ToDateTime(TimeOnly.FromTimeSpan(dayEnds)), visit.Zone);

    private static decimal Sum(IReadOnlyDictionary<DateTimeOffset, decimal> hours, DateTimeOffset from, DateTimeOffset to) =>
        hours.Where(hour => hour.Key >= from && hour.Key < to).Sum(hour => hour.Value);
}
