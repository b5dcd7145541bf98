using Taproom.Pours;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Sales;

/// <summary>A sale as somebody tells of it, before it is known whether its tap and its beverage exist.</summary>
/// <param name="SoldAt">When; UTC.</param>
/// <param name="TapId">The tap, or null.</param>
/// <param name="Beverage">The beverage in whatever case, or null.</param>
/// <param name="VolumeMl">Of one glass, in mL.</param>
/// <param name="Count">How many glasses.</param>
/// <param name="Price">Of one glass, or null.</param>
internal sealed record SaleDraft(DateTimeOffset SoldAt, int? TapId, string? Beverage, decimal VolumeMl, int Count, decimal? Price)
{
    public const int MinMl = 10;
    public const int MaxMl = 100_000;
    public const int MaxCount = 10_000;
    public const int MaxPrice = 1_000_000;

    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan MaxAhead = TimeSpan.FromHours(24);

    /// <summary>Why it cannot be a sale, whatever taps and beverages there are; null when it can. Members have the names of <c>POST /api/sales</c>.</summary>
    public Refusal? Check(DateTimeOffset now) =>
        SoldAt < Earliest || SoldAt - now > MaxAhead ? Refusal.Unprocessable("time", "The time must be from the year 2000 to 24 hours ahead.")
        : TapId is null && Beverage is null ? Refusal.Unprocessable("tapId", "Name the tap or the beverage.")
        : VolumeMl is < MinMl or > MaxMl
            ? Refusal.Unprocessable("volumeMl", $"The volume is that of one glass in mL, {MinMl} to {MaxMl}: half a litre is 500.")
        : Count is < 1 or > MaxCount ? Refusal.Unprocessable("count", $"The number of glasses must be 1 to {MaxCount}.")
        : Price is < 0 or > MaxPrice ? Refusal.Unprocessable("price", $"The price of one glass must be 0 to {MaxPrice}.")
        : null;

    /// <summary>The sale, rounded as it is stored.</summary>
    public Sale ToSale(Guid id, string? beverage) =>
        new()
        {
            Id = id,
            SoldAt = SoldAt,
            TapId = TapId,
            Beverage = beverage,
            VolumeMl = Volumes.Round(VolumeMl),
            Count = Count,
            Price = Price is { } price ? decimal.Round(price, 4, MidpointRounding.ToEven) : null,
        };
}
