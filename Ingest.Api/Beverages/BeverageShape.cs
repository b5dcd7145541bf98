using System.ComponentModel;
using Ingest.Api.Http;
using Taproom.Pours;
using Taproom.Store;

namespace Ingest.Api.Beverages;

/// <summary>A beverage as the API shows it.</summary>
internal sealed record BeverageShape(
    Guid Id,
    string Name,
    string? Brewery,
    string? Style,
    [property: Description("Alcohol by volume, in per cent.")] decimal? AbvPercent,
    [property: Description("Bitterness, in IBU.")] decimal? Ibu,
    [property: Description("Colour, in EBC units.")] decimal? ColorEbc,
    [property: Description("The same in SRM units.")] decimal? ColorSrm,
    [property: Description("The colour for a screen, such as #f8a600.")] string? Tint,
    string? PictureUrl,
    [property: Description("What a litre is sold for, in the venue's money.")] decimal? PricePerLitre,
    bool Archived
)
{
    public static BeverageShape Of(Beverage row) =>
        new(
            row.Id,
            row.Name,
            row.Brewery,
            row.Style,
            row.AbvPercent?.Plain(),
            row.Ibu?.Plain(),
            row.ColorEbc?.Plain(),
            row.ColorEbc is { } ebc ? decimal.Round(ebc / BeerColor.EbcPerSrm, 1).Plain() : null,
            row.ColorEbc is { } color ? BeerColor.Tint(color) : null,
            row.PictureUrl,
            row.PricePerLitre?.Plain(),
            row.IsArchived
        );
}
