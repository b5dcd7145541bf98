using System.Globalization;

namespace Dashboard.Web.Components.Common;

/// <summary>Times as a form's field writes them.</summary>
internal static class LocalTime
{
    /// <summary>Reads a time such as <c>2026-11-27T20:15</c>; null when it is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="zone">Where that time is local.</param>
    /// <returns>The time, UTC.</returns>
    public static DateTimeOffset? Parse(string? text, TimeZoneInfo zone)
    {
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || local.Kind is not DateTimeKind.Unspecified)
        {
            return null;
        }

        return Utc(local, zone);
    }

    /// <summary>When a clock shows a time, UTC. Of two hours of one name it is the second, as it is for Postgres.</summary>
    public static DateTimeOffset Utc(DateTime local, TimeZoneInfo zone)
    {
        // An hour that the clocks leave out is the one after it. At both ends of the calendar no zone is a day away from UTC.
        local = zone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return local.Year is 1 or 9999
            ? new DateTimeOffset(local, TimeSpan.Zero)
            : new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <summary>A moment in the query of an address.</summary>
    public static string Query(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
