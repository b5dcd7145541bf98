using Ingest.Api.Http;
using Taproom.Store;

namespace Ingest.Api.Kegs;

/// <summary>A keg as the API shows it.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Beverage">What is in it.</param>
/// <param name="SizeMl">Its size in mL.</param>
/// <param name="LevelMl">What is left, in mL.</param>
/// <param name="TapId">The tap that it is on, or null.</param>
internal sealed record KegShape(Guid Id, string Beverage, decimal SizeMl, decimal LevelMl, int? TapId)
{
    /// <summary>Shows a keg.</summary>
    public static KegShape Of(Keg keg) => new(keg.Id, keg.Beverage, keg.SizeMl.Plain(), keg.LevelMl.Plain(), keg.TapId);
}
