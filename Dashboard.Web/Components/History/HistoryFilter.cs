using System.Globalization;
using Taproom.Pours;

namespace Dashboard.Web.Components.History;

/// <summary>Which stored pours a visitor asks for; what is null is not asked about.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="Glass">The glass type.</param>
/// <param name="From">Poured at this moment or later, UTC.</param>
/// <param name="To">Poured before this moment, UTC.</param>
/// <param name="Before">Only what comes after this pour in the list, which is sorted newest first; null for its beginning.</param>
internal sealed record HistoryFilter(int? TapId, GlassType? Glass, DateTimeOffset? From, DateTimeOffset? To, HistoryCursor? Before)
{
    /// <summary>Reads what stands in an address.</summary>
    /// <param name="tap">A number.</param>
    /// <param name="type">Name of a glass type.</param>
    /// <param name="from">A local time as a form's field writes it, such as <c>2026-11-27T20:15</c>.</param>
    /// <param name="to">The same.</param>
    /// <param name="before">A <see cref="HistoryCursor"/>.</param>
    /// <param name="zone">Where that time is local.</param>
    /// <param name="fault">What cannot be understood, a text; null when all can.</param>
    public static HistoryFilter? Read(string? tap, string? type, string? from, string? to, string? before, TimeZoneInfo zone, out string? fault)
    {
        int? tapId = int.TryParse(tap, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
        var (glass, fromAt, toAt) = (type is null ? null : GlassTypes.Parse(type), Time(from, zone), Time(to, zone));
        var cursor = HistoryCursor.Parse(before);
        fault =
            IsGiven(tap) && tapId is null ? Texts.Key("The tap must be a number, 1 or more.")
            : IsGiven(type) && glass is null ? Texts.Key("There is no such glass.")
            : (IsGiven(from) && fromAt is null) || (IsGiven(to) && toAt is null) ? Texts.Key("A time must be written as 2026-11-27T20:15.")
            : IsGiven(before) && cursor is null ? Texts.Key("This part of the list does not exist.")
            : null;
        return fault is null ? new(tapId, glass, fromAt, toAt, cursor) : null;
    }

    private static bool IsGiven(string? value) => !string.IsNullOrEmpty(value);

    private static DateTimeOffset? Time(string? text, TimeZoneInfo zone)
    {
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || local.Kind is not DateTimeKind.Unspecified)
        {
            return null;
        }

        // An hour that the clocks leave out is the one after it. At both ends of the calendar no zone is a day away from UTC.
        local = zone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return local.Year is 1 or 9999
            ? new DateTimeOffset(local, TimeSpan.Zero)
            : new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}

/// <summary>A place in the list of pours, newest first: that of the pour before it.</summary>
/// <param name="PouredAt">When that was poured, UTC.</param>
/// <param name="Seq">Its order of insertion.</param>
internal sealed record HistoryCursor(DateTimeOffset PouredAt, long Seq)
{
    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is nothing of that.</summary>
    public static HistoryCursor? Parse(string? text) =>
        text?.Split('-') is [var ticks, var seq]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
        && time <= DateTime.MaxValue.Ticks
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(new DateTimeOffset(time, TimeSpan.Zero), number)
            : null;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PouredAt.UtcTicks}-{Seq}");
}
