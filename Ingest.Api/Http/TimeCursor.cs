using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ingest.Api.Http;

/// <summary>A place in a list that can be ordered by time: after the row of this sequence number and time.</summary>
/// <param name="Seq">The sequence number.</param>
/// <param name="Time">The time.</param>
public readonly record struct TimeCursor(long Seq, DateTimeOffset Time) : IParsable<TimeCursor>
{
    /// <summary>Where a list begins whose newest comes first.</summary>
    public static TimeCursor Newest { get; } = new(long.MaxValue, DateTimeOffset.MaxValue);

    /// <inheritdoc />
    public static TimeCursor Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var cursor) ? cursor : throw new FormatException("This is no cursor.");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TimeCursor result)
    {
        result = default;
        var ticks = 0L;
        var valid =
            s?.Split('-') is [var first, var second]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out ticks)
            && ticks <= DateTimeOffset.MaxValue.Ticks
            && (result = new TimeCursor(seq, new DateTimeOffset(ticks, TimeSpan.Zero))) is { };
        return valid;
    }

    /// <summary>The cursor for a query string.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seq}-{Time.UtcTicks}");
}
