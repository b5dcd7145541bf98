using System.Globalization;
using System.Text.RegularExpressions;
using Taproom.Reports;

namespace Ingest.Api.Lists;

/// <summary>Reads parameters of a query string; an empty one counts as absent, a wrong one is refused by name.</summary>
internal static partial class QueryText
{
    /// <summary>Reads a whole number.</summary>
    public static bool TryWhole(string name, string? text, int min, out int? value, out Refusal? refusal, int max = int.MaxValue)
    {
        (value, refusal) = (null, null);
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            value = number;
            return true;
        }

        var bounds = max == int.MaxValue ? $"{min} or more" : $"{min} to {max}";
        refusal = Refusal.Malformed(name, $"The parameter '{name}' must be a whole number, {bounds}.");
        return false;
    }

    /// <summary>Reads a time: RFC 3339, or a date alone, which means its first instant in UTC.</summary>
    public static bool TryTime(string name, string? text, out DateTimeOffset? value, out Refusal? refusal)
    {
        (value, refusal) = (null, null);
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        // In a query string an unescaped '+' has become a space.
        var time = OffsetAfterSpace().Replace(text, "+$1");
        if (TimeShape().IsMatch(time) && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
        {
            value = parsed.ToUniversalTime();
            return true;
        }

        refusal = Refusal.Malformed(name, $"The parameter '{name}' must be an RFC 3339 time, like 2026-01-31T12:00:00Z, or a date.");
        return false;
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeShape();

    [GeneratedRegex(@" (\d{2}:\d{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex OffsetAfterSpace();
}
