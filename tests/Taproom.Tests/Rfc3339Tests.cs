using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using Taproom.Reports;

namespace Taproom.Tests;

public sealed partial class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-03-01T20:15:04Z", "2026-03-01T20:15:04.0000000Z")]
    [InlineData("2026-03-01t20:15:04.123456789z", "2026-03-01T20:15:04.1234567Z")]
    [InlineData("2026-03-01 20:15:04+01:00", "2026-03-01T19:15:04.0000000Z")]
    [InlineData("2024-02-29T23:59:59-23:59", "2024-03-01T23:58:59.0000000Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.0000000Z")]
    [InlineData("2017-01-01T00:59:60.5+01:00", "2017-01-01T00:00:00.5000000Z")]
    [InlineData("0000-02-29T00:00:00Z", "0001-01-01T00:00:00.0000000Z")]
    [InlineData("9999-12-31T23:30:00-01:00", "9999-12-31T23:59:59.9999999Z")]
    public void A_time_of_the_grammar_is_that_instant(string text, string utc)
    {
        Assert.True(Rfc3339.TryParse(text, out var instant));

        Assert.Equal(utc, instant.UtcDateTime.ToString("o", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("03/04/2026 20:15:04 +01:00")]
    [InlineData("Mar 01, 26 20:15:04Z")]
    [InlineData("2026-03-01 20:15:04 PM Z")]
    [InlineData("2026-03-01T20:15:04")]
    [InlineData("2026-03-01T20:15Z")]
    [InlineData("2026-03-01")]
    [InlineData("2026-3-1T20:15:04Z")]
    [InlineData("2026-02-29T20:15:04Z")]
    [InlineData("2026-00-01T20:15:04Z")]
    [InlineData("2026-03-01T24:00:00Z")]
    [InlineData("2026-03-01T20:60:00Z")]
    [InlineData("2026-03-01T20:15:60Z")]
    [InlineData("2026-03-01T20:15:61Z")]
    [InlineData("2026-03-01T20:15:04.Z")]
    [InlineData("2026-03-01T20:15:04,5Z")]
    [InlineData("2026-03-01T20:15:04+0100")]
    [InlineData("2026-03-01T20:15:04+24:00")]
    [InlineData("2026-03-01T20:15:04 Z")]
    [InlineData(" 2026-03-01T20:15:04Z")]
    [InlineData("2026-03-01T20:15:04Z\n")]
    [InlineData("٢٠٢٦-03-01T20:15:04Z")]
    [InlineData("+2026-03-01T20:15:04Z")]
    [InlineData("2026-W09-7T20:15:04Z")]
    [InlineData("")]
    public void Any_other_text_is_no_time(string text) => Assert.False(Rfc3339.TryParse(text, out _));

    [Fact]
    public void The_reader_agrees_with_a_plain_statement_of_the_grammar()
    {
        var digits = Gen.Char["0123456789"];
        var two = Gen.Frequency((9, Gen.Int[0, 31].Select(n => $"{n:00}")), (1, Gen.Int[0, 99].Select(n => $"{n}")));
        var year = Gen.Frequency((9, Gen.Int[0, 9999].Select(n => $"{n:0000}")), (1, Gen.OneOf("26", "02026", "0000", "9999")));
        var month = Gen.Frequency((9, Gen.Int[1, 12].Select(n => $"{n:00}")), (1, two));
        var minute = Gen.Frequency((6, Gen.Int[0, 59].Select(n => $"{n:00}")), (1, Gen.OneOf("59", "60", "61")));
        var date = Gen.Select(year, month, two, (y, m, d) => $"{y}-{m}-{d}");
        var time = Gen.Select(two, minute, minute, (h, m, s) => $"{h}:{m}:{s}");
        var fraction = Gen.Frequency((3, Gen.Const("")), (2, digits.Array[1, 12].Select(some => "." + new string(some))), (1, Gen.OneOf(".", ",5")));
        var offset = Gen.Frequency(
            (3, Gen.OneOf("Z", "z")),
            (3, Gen.Select(Gen.OneOf("+", "-"), two, minute, (sign, h, m) => $"{sign}{h}:{m}")),
            (1, Gen.OneOf("", "+0100", " Z", "Z "))
        );
        var leap = Gen.OneOf("2016-12-31T23:59:60Z", "2017-01-01T00:59:60+01:00", "2016-12-30T23:59:60Z", "1990-12-31T15:59:60-08:00");
        var separator = Gen.Frequency((8, Gen.OneOf("T", "t", " ")), (1, Gen.OneOf("", "_", "  ")));
        var text = Gen.Select(date, separator, time, fraction, offset, (d, t, clock, f, o) => d + t + clock + f + o);

        Gen.Frequency((20, text), (1, leap))
            .Sample(
                candidate =>
                {
                    var expected = Plainly(candidate);
                    var isRead = Rfc3339.TryParse(candidate, out var instant);
                    return isRead == expected is not null && (!isRead || instant.UtcTicks == expected);
                },
                iter: 20_000
            );
    }

    /// <summary>The grammar as one expression, and the calendar by counting days.</summary>
    private static long? Plainly(string text)
    {
        if (Grammar().Match(text) is not { Success: true } match)
        {
            return null;
        }

        int Of(string name) => int.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture);
        var (year, month, day, second) = (Of("y"), Of("mo"), Of("d"), Of("s"));
        var isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        int[] lengths = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        if (month is < 1 or > 12 || day < 1 || day > lengths[month - 1] || Of("h") > 23 || Of("mi") > 59 || second > 60)
        {
            return null;
        }

        var offset = 0;
        if (match.Groups["oh"].Success)
        {
            if (Of("oh") > 23 || Of("om") > 59)
            {
                return null;
            }

            offset = ((Of("oh") * 60) + Of("om")) * (match.Groups["sign"].Value == "-" ? -1 : 1);
        }

        var days = Enumerable.Range(0, year).Sum(y => y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 366L : 365L) - 366;
        days += lengths.Take(month - 1).Sum() + day - 1;
        var seconds = (days * 86_400) + (((Of("h") * 60) + Of("mi") - offset) * 60L) + second;
        if (second == 60)
        {
            var next = seconds >= 0 && seconds < 315_537_897_600 ? DateTime.MinValue.AddSeconds(seconds) : DateTime.MaxValue;
            if (next.Day != 1 || next.TimeOfDay != TimeSpan.Zero)
            {
                return null;
            }
        }

        var fraction = long.Parse(match.Groups["f"].Value.PadRight(7, '0')[..7], CultureInfo.InvariantCulture);
        return Math.Clamp((seconds * 10_000_000) + fraction, 0, DateTime.MaxValue.Ticks);
    }

    [GeneratedRegex(
        """\A(?<y>[0-9]{4})-(?<mo>[0-9]{2})-(?<d>[0-9]{2})[Tt ](?<h>[0-9]{2}):(?<mi>[0-9]{2}):(?<s>[0-9]{2})(\.(?<f>[0-9]+))?([Zz]|(?<sign>[+-])(?<oh>[0-9]{2}):(?<om>[0-9]{2}))\z"""
    )]
    private static partial Regex Grammar();
}
