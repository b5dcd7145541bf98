using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tap.Simulator.Taps;

/// <summary>The hours of the day, by the local clock, at which taps pour faster or slower than at others.</summary>
/// <remarks>Written as <c>17-19=1.5,19:30-23=2.5</c>: from, until (not included; past midnight when it is earlier), and a factor.</remarks>
internal sealed class RushHours
{
    /// <summary>The name of a bar's evening.</summary>
    public const string Evening = "evening";

    private const string EveningHours = "17-19=1.5,19-23=2.5,23-1=1.5";
    private const double MaxFactor = 100;

    private readonly List<(TimeOnly From, TimeOnly Until, double Factor)> _hours = [];

    /// <summary>Reads hours; empty text for a day without any.</summary>
    /// <param name="text">A list of ranges with factors, or <see cref="Evening"/>.</param>
    /// <param name="hours">The hours, or null.</param>
    /// <returns>False when it is no such text.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out RushHours? hours)
    {
        hours = new RushHours();
        foreach (var range in (text == Evening ? EveningHours : text).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = [.. range.Split('-', '=').Select(part => part.Trim())];
            if (
                parts.Length != 3
                || !TryParseTime(parts[0], out var from)
                || !TryParseTime(parts[1], out var until)
                || !double.TryParse(parts[2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
                || factor is not (> 0 and <= MaxFactor)
            )
            {
                hours = null;
                return false;
            }

            hours._hours.Add((from, until, factor));
        }

        return true;
    }

    /// <summary>By how much faster the taps pour at a time; 1 outside all ranges, else that of the first one that holds the time.</summary>
    public double FactorAt(TimeOnly time)
    {
        foreach (var (from, until, factor) in _hours)
        {
            // From a time until the same time is the whole day.
            if (from == until || time.IsBetween(from, until))
            {
                return factor;
            }
        }

        return 1;
    }

    private static bool TryParseTime(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text == "24" ? "0" : text, ["%H", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
