using System.Globalization;

namespace Ingest.Api.Lists;

/// <summary>A place in a list: after the row of this sequence number and, in a list by time, this time.</summary>
internal readonly record struct TimeCursor(long Seq, DateTimeOffset Time)
{
    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static bool TryParse(string? text, bool byTime, out TimeCursor cursor)
    {
        cursor = default;
        var parts = text?.Split('-') ?? [];
        if (parts.Length != (byTime ? 2 : 1) || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
        {
            return false;
        }

        var ticks = 0L;
        if (byTime && (!long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ticks) || ticks > DateTimeOffset.MaxValue.Ticks))
        {
            return false;
        }

        cursor = new TimeCursor(seq, new DateTimeOffset(ticks, TimeSpan.Zero));
        return true;
    }

    /// <summary>The cursor for a query string.</summary>
    public string ToText(bool byTime) =>
        byTime ? string.Create(CultureInfo.InvariantCulture, $"{Seq}-{Time.UtcTicks}") : Seq.ToString(CultureInfo.InvariantCulture);
}
