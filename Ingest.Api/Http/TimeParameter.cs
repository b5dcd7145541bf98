using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Taproom.Reports;

namespace Ingest.Api.Http;

/// <summary>A time in a query string: RFC 3339, or a date alone, which means its first instant in UTC.</summary>
/// <param name="Value">The time, in UTC.</param>
public readonly partial record struct TimeParameter(DateTimeOffset Value) : IParsable<TimeParameter>
{
    private const int DateLength = 10;

    /// <inheritdoc />
    public static TimeParameter Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var time) ? time : throw new FormatException("This is no time.");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TimeParameter result)
    {
        // In a query string an unescaped '+' has become a space.
        var text = OffsetAfterSpace().Replace(s ?? "", "+$1");
        var valid = Rfc3339.TryParse(text.Length == DateLength ? $"{text}T00:00:00Z" : text, out var time);
        result = new TimeParameter(time);
        return valid;
    }

    [GeneratedRegex(@" (\d{2}:\d{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex OffsetAfterSpace();
}
