namespace Taproom.Reports;

/// <summary>Reads times by the grammar of RFC 3339, section 5.6, and nothing else.</summary>
/// <remarks>
/// A space may stand for the <c>T</c>, as the note there allows. A leap second is accepted where one can be, in the last minute of a month
/// in UTC, and counts as the second after it. What lies before year 1 or after 9999 in UTC becomes the first or last instant there is.
/// </remarks>
public static class Rfc3339
{
    private const int TicksDigits = 7;

    /// <summary>Reads a time; one without an offset is none, because it names no instant.</summary>
    /// <param name="text">The text.</param>
    /// <param name="instant">The instant, in UTC; finer than 100 ns is cut off.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        instant = default;
        if (
            !TryNumber(text, 0, 4, 9999, out var year)
            || !IsAt(text, 4, "-")
            || !TryNumber(text, 5, 2, 12, out var month)
            || month == 0
            || !IsAt(text, 7, "-")
            // Year 0 is in the grammar, and was a leap year as year 4 was.
            || !TryNumber(text, 8, 2, DateTime.DaysInMonth(year == 0 ? 4 : year, month), out var day)
            || day == 0
            || !IsAt(text, 10, "Tt ")
            || !TryNumber(text, 11, 2, 23, out var hour)
            || !IsAt(text, 13, ":")
            || !TryNumber(text, 14, 2, 59, out var minute)
            || !IsAt(text, 16, ":")
            || !TryNumber(text, 17, 2, 60, out var second)
            || !TryFraction(text, out var ticks, out var end)
            || !TryOffset(text[end..], out var offset)
        )
        {
            return false;
        }

        var seconds = (hour * 3600L) + (minute * 60) + second;
        var days = year == 0 ? DayOf(4, month, day) - DayOf(4, 12, 31) - 1 : DayOf(year, month, day);
        var utc = (days * TimeSpan.TicksPerDay) + (seconds * TimeSpan.TicksPerSecond) - offset.Ticks;
        if (second == 60 && !IsStartOfMonth(utc))
        {
            return false;
        }

        instant = new DateTimeOffset(Math.Clamp(utc + ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);
        return true;
    }

    private static long DayOf(int year, int month, int day) => new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks / TimeSpan.TicksPerDay;

    private static bool IsStartOfMonth(long utcTicks) =>
        utcTicks is >= 0 and <= 3_155_378_975_999_999_999 && new DateTime(utcTicks, DateTimeKind.Utc) is { Day: 1, TimeOfDay.Ticks: 0 };

    private static bool TryFraction(ReadOnlySpan<char> text, out long ticks, out int end)
    {
        (ticks, end) = (0, 19);
        if (!IsAt(text, end, "."))
        {
            return true;
        }

        var start = ++end;
        for (; end < text.Length && char.IsAsciiDigit(text[end]); end++)
        {
            ticks = end - start < TicksDigits ? (ticks * 10) + text[end] - '0' : ticks;
        }

        for (var digits = end - start; digits < TicksDigits; digits++)
        {
            ticks *= 10;
        }

        return end > start;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (
            text.Length != 6
            || !IsAt(text, 0, "+-")
            || !TryNumber(text, 1, 2, 23, out var hours)
            || !IsAt(text, 3, ":")
            || !TryNumber(text, 4, 2, 59, out var minutes)
        )
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool IsAt(ReadOnlySpan<char> text, int index, string oneOf) => index < text.Length && oneOf.Contains(text[index]);

    private static bool TryNumber(ReadOnlySpan<char> text, int start, int length, int max, out int number)
    {
        number = 0;
        for (var index = start; index < start + length; index++)
        {
            if (index >= text.Length || !char.IsAsciiDigit(text[index]))
            {
                return false;
            }

            number = (number * 10) + text[index] - '0';
        }

        return number <= max;
    }
}
