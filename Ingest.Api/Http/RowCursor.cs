using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Taproom.Store;

namespace Ingest.Api.Http;

/// <summary>A place in a list: after the row of this number among those of one transaction, or of one time.</summary>
/// <param name="Place">The transaction, or the time in ticks.</param>
/// <param name="Seq">The number of the row.</param>
public readonly record struct RowCursor(ulong Place, long Seq) : IParsable<RowCursor>
{
    /// <summary>Where a list begins whose newest comes first.</summary>
    public static RowCursor Newest { get; } = Of(DateTimeOffset.MaxValue, long.MaxValue);

    /// <summary>The time, in a list that is ordered by it.</summary>
    public DateTimeOffset Time => new((long)Math.Min(Place, (ulong)DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);

    /// <summary>The place of a row in a list that is ordered by time.</summary>
    public static RowCursor Of(DateTimeOffset time, long seq) => new((ulong)time.UtcTicks, seq);

    /// <summary>The place of a row in a list that is in the order of insertion.</summary>
    public static RowCursor Of(IInsertedRow row) => new(row.Tx, row.Seq);

    /// <inheritdoc />
    public static RowCursor Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var cursor) ? cursor : throw new FormatException("This is no cursor.");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RowCursor result)
    {
        result = default;
        if (
            s?.Split('-') is [var first, var second]
            && ulong.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
        )
        {
            result = new RowCursor(place, seq);
            return true;
        }

        return false;
    }

    /// <summary>The cursor for a query string.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Place}-{Seq}");
}
