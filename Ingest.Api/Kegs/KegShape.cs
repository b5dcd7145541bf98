using System.ComponentModel;
using Ingest.Api.Http;
using Taproom.Store;

namespace Ingest.Api.Kegs;

/// <summary>A keg as the API shows it.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Beverage">What is in it.</param>
/// <param name="SizeMl">Its size in mL.</param>
/// <param name="LevelMl">What is left, in mL.</param>
/// <param name="TapId">The tap that it is on, or null.</param>
/// <param name="TappedAt">When it was first put on a tap.</param>
/// <param name="EmptiedAt">When it was taken off as empty.</param>
internal record KegShape(
    Guid Id,
    string Beverage,
    decimal SizeMl,
    decimal LevelMl,
    int? TapId,
    [property: Description("stock, tap or ended: a keg that was taken off a tap as empty has ended.")] string State,
    [property: Description("What it weighs empty, in g; null where that is not known.")] decimal? TareG,
    [property: Description("What the full keg cost, in the venue's money; null where that is not known.")] decimal? Cost,
    [property: Description("By how much its readings have corrected the level in all, in mL.")] decimal CorrectionMl,
    DateTimeOffset? TappedAt,
    DateTimeOffset? EmptiedAt
)
{
    public static KegShape Of(Keg keg) =>
        new(
            keg.Id,
            keg.Beverage,
            keg.SizeMl.Plain(),
            keg.LevelMl.Plain(),
            keg.TapId,
            keg.TapId is not null ? "tap"
                : keg.EmptiedAt is not null ? "ended"
                : "stock",
            keg.TareG?.Plain(),
            keg.Cost?.Plain(),
            keg.CorrectionMl.Plain(),
            keg.TappedAt,
            keg.EmptiedAt
        );
}
