using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ingest.Api.Sales;

/// <summary>A place in a list of sales: after this one.</summary>
/// <param name="Time">When it was sold.</param>
/// <param name="Id">Its id.</param>
public readonly record struct SaleCursor(DateTimeOffset Time, Guid Id) : IParsable<SaleCursor>
{
    /// <summary>Where a list begins whose newest comes first.</summary>
    public static SaleCursor Newest { get; } = new(DateTimeOffset.MaxValue, Guid.AllBitsSet);

    /// <inheritdoc />
    public static SaleCursor Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var cursor) ? cursor : throw new FormatException("This is no cursor.");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SaleCursor result)
    {
        result = default;
        if (
            s?.Split('-', 2) is [var first, var second]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTimeOffset.MaxValue.Ticks
            && Guid.TryParseExact(second, "D", out var id)
        )
        {
            result = new SaleCursor(new DateTimeOffset(ticks, TimeSpan.Zero), id);
            return true;
        }

        return false;
    }

    /// <summary>The cursor for a query string.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time.UtcTicks}-{Id}");
}
