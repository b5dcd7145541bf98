using System.Globalization;
using Dashboard.Web.Components.Common;
using Taproom.Pours;

namespace Dashboard.Web.Components.History;

/// <summary>Which stored pours a visitor asks for; what is null is not asked about.</summary>
/// <param name="TapId">The tap.</param>
/// <param name="Glass">The glass type.</param>
/// <param name="Purpose">What they were for.</param>
/// <param name="Beverage">What was in the keg, by its exact name.</param>
/// <param name="From">Poured at this moment or later, UTC.</param>
/// <param name="To">Poured before this moment, UTC.</param>
/// <param name="IsOldestFirst">Whether the list begins with the oldest pour; else with the newest.</param>
/// <param name="Place">Only what comes after this pour in the list; null for its beginning.</param>
internal sealed record HistoryFilter(
    int? TapId,
    GlassType? Glass,
    Purpose? Purpose,
    string? Beverage,
    DateTimeOffset? From,
    DateTimeOffset? To,
    bool IsOldestFirst,
    TimeCursor? Place
)
{
    /// <summary>How an address says that the oldest come first.</summary>
    public const string Oldest = "oldest";

    /// <summary>The same question to Ingest.Api, without the place in the list: a query with its question mark.</summary>
    public string ToApiQuery() =>
        ApiQuery.Of(
            ("tap", TapId?.ToString(CultureInfo.InvariantCulture)),
            ("type", Glass?.Name()),
            ("purpose", Purpose?.Name()),
            ("beverage", Beverage),
            ("from", From is { } from ? LocalTime.Query(from) : null),
            ("to", To is { } to ? LocalTime.Query(to) : null)
        );

    /// <summary>Reads what stands in an address.</summary>
    /// <param name="tap">A number.</param>
    /// <param name="type">Name of a glass type.</param>
    /// <param name="purpose">Name of a purpose.</param>
    /// <param name="beverage">Name of a beverage.</param>
    /// <param name="from">A local time as a form's field writes it, such as <c>2026-11-27T20:15</c>.</param>
    /// <param name="to">The same.</param>
    /// <param name="sort"><c>oldest</c> for the oldest first.</param>
    /// <param name="place">A <see cref="TimeCursor"/>.</param>
    /// <param name="zone">Where that time is local.</param>
    /// <param name="fault">What cannot be understood, a text; null when all can.</param>
    public static HistoryFilter? Read(
        string? tap,
        string? type,
        string? purpose,
        string? beverage,
        string? from,
        string? to,
        string? sort,
        string? place,
        TimeZoneInfo zone,
        out string? fault
    )
    {
        int? tapId = int.TryParse(tap, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
        var (glass, fromAt, toAt) = (type is null ? null : GlassTypes.Parse(type), LocalTime.Parse(from, zone), LocalTime.Parse(to, zone));
        var (what, drink) = (Purposes.Parse(purpose), string.IsNullOrWhiteSpace(beverage) ? null : beverage.Trim());
        var cursor = TimeCursor.Parse(place);
        fault =
            IsGiven(tap) && tapId is null ? Texts.Key("The tap must be a number, 1 or more.")
            : IsGiven(type) && glass is null ? Texts.Key("There is no such glass.")
            : IsGiven(purpose) && what is null ? Texts.Key("There is no such purpose.")
            : (IsGiven(from) && fromAt is null) || (IsGiven(to) && toAt is null) ? Texts.Key("A time must be written as 2026-11-27T20:15.")
            : IsGiven(sort) && sort != Oldest ? Texts.Key("There is no such order.")
            : IsGiven(place) && cursor is null ? Texts.Key("This part of the list does not exist.")
            : null;
        return fault is null ? new(tapId, glass, what, drink, fromAt, toAt, sort == Oldest, cursor) : null;
    }

    private static bool IsGiven(string? value) => !string.IsNullOrEmpty(value);
}
