using System.Globalization;
using StackExchange.Redis;

namespace Taproom.Signals;

/// <summary>A tap came, or went.</summary>
/// <param name="IsOnline">Whether it came.</param>
/// <param name="At">When; UTC, whole milliseconds.</param>
public sealed record PresenceChange(bool IsOnline, DateTimeOffset At)
{
    /// <summary>Reads what the script of <see cref="TapPresence"/> wrote: <c>1=ms</c> or <c>0=ms</c>; null when another program wrote it.</summary>
    internal static PresenceChange? Parse(RedisValue line) =>
        ((string?)line)?.Split('=') is [var state and ("0" or "1"), var text]
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new PresenceChange(state == "1", DateTimeOffset.FromUnixTimeMilliseconds(at))
            : null;
}
