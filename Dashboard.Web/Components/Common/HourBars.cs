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

    /// <summary>The last seven days, as the visitor has them; where midnight is within an hour of the totals, that hour counts for the day in which it begins.</summary>
    public static IReadOnlyList<(string Name, decimal VolumeMl)> LastWeek(Visit visit, IReadOnlyDictionary<DateTimeOffset, decimal> hours)
    {
        var today = DateOnly.FromDateTime(visit.Local(visit.Board.At).DateTime);
        var byDay = hours
            .GroupBy(hour => DateOnly.FromDateTime(visit.Local(hour.Key).DateTime))
            .ToDictionary(day => day.Key, day => day.Sum(hour => hour.Value));
        return
        [
            .. Enumerable
                .Range(0, Days)
                .Select(i => today.AddDays(i + 1 - Days))
                .Select(day =>
                    (day.ToString(Languages.Current.Name == "de" ? "ddd d. MMM" : "ddd d MMM", Languages.Current), byDay.GetValueOrDefault(day))
                ),
        ];
    }

    /// <summary>What was poured on a day from its begin until the same hour as now, in mL.</summary>
    /// <remarks>Whole hours only: half an hour of today says nothing beside a whole one of last week.</remarks>
    /// <param name="visit">Whose clock counts.</param>
    /// <param name="hours">The totals.</param>
    /// <param name="daysAgo">Which day; 0 for this one.</param>
    /// <param name="dayEnds">How long after midnight a day ends and the next one begins.</param>
    public static decimal DayUntilNow(Visit visit, IReadOnlyDictionary<DateTimeOffset, decimal> hours, int daysAgo, TimeSpan dayEnds = default)
    {
        var now = visit.Local(HourOf(visit.Board.At)).DateTime - dayEnds;
        return hours
            .Where(hour =>
                visit.Local(hour.Key).DateTime - dayEnds is var local && local.Date == now.Date.AddDays(-daysAgo) && local.TimeOfDay < now.TimeOfDay
            )
            .Sum(hour => hour.Value);
    }
}
