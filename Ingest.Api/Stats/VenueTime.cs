using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ingest.Api.Http;

namespace Ingest.Api.Stats;

/// <summary>A time in a query string from the year 2000 to 2100: RFC 3339, or a date alone, which means the beginning of that business day.</summary>
/// <param name="Instant">The time in UTC; null where a day was given.</param>
/// <param name="Day">The day; null where a time was given.</param>
public readonly record struct VenueTime(DateTimeOffset? Instant, DateOnly? Day) : IParsable<VenueTime>
{
    /// <inheritdoc />
    public static VenueTime Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var time) ? time : throw new FormatException("This is no time.");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out VenueTime result)
    {
        result = DateOnly.TryParseExact(s, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new VenueTime(null, day)
            : new VenueTime(TimeParameter.TryParse(s, provider, out var time) ? time.Value : null, null);
        return (result.Day?.Year ?? result.Instant?.Year) is >= 2000 and <= 2100;
    }
}
