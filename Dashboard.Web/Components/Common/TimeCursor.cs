using System.Globalization;

namespace Dashboard.Web.Components.Common;

/// <summary>A place in a list that has the newest first: that of the row before it.</summary>
/// <param name="At">When that was, UTC.</param>
/// <param name="Seq">Its order of insertion.</param>
public sealed record TimeCursor(DateTimeOffset At, long Seq)
{
    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is nothing of that.</summary>
    public static TimeCursor? Parse(string? text) =>
        text?.Split('-') is [var ticks, var seq]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
        && time <= DateTime.MaxValue.Ticks
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(new DateTimeOffset(time, TimeSpan.Zero), number)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks}-{Seq}");
}
