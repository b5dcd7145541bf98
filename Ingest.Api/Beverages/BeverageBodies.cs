using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom.Store;

namespace Ingest.Api.Beverages;

/// <summary>What can be said of a beverage beside its name.</summary>
public abstract class BeverageBody
{
    /// <summary>Who brews it.</summary>
    [Text(200, IsOptional = true)]
    public string? Brewery { get; init; }

    [Description("Its style, such as Märzen."), Text(100, IsOptional = true)]
    public string? Style { get; init; }

    [Description("Alcohol by volume, in per cent, kept to 0.01.")]
    [Range(0, 100, ErrorMessage = "The member 'abvPercent' must be a number from 0 to 100.")]
    public decimal? AbvPercent { get; init; }

    [Description("Bitterness, in IBU, kept to 0.1.")]
    [Range(0, 1000, ErrorMessage = "The member 'ibu' must be a number from 0 to 1000.")]
    public decimal? Ibu { get; init; }

    [Description("Colour, in EBC units (1.97 times SRM), kept to 0.1.")]
    [Range(0, 1000, ErrorMessage = "The member 'colorEbc' must be a number from 0 to 1000.")]
    public decimal? ColorEbc { get; init; }

    [Description("Address of a picture; pages show it when it is https, or of their own machine.")]
    [HttpAddress, MaxLength(2000, ErrorMessage = "The member 'pictureUrl' must not be longer than 2000 characters.")]
    public string? PictureUrl { get; init; }

    [Description("What a litre is sold for, in the venue's money, kept to 0.0001.")]
    [Range(0, 1_000_000, ErrorMessage = "The member 'pricePerLitre' must be a number from 0 to 1000000.")]
    public decimal? PricePerLitre { get; init; }

    /// <summary>What is said, over what was.</summary>
    /// <param name="before">What was.</param>
    /// <param name="name">Its name from now on.</param>
    /// <param name="archived">Whether it is not offered any more.</param>
    /// <param name="sent">Names of the members that were sent; null in one of them forgets what was.</param>
    internal Beverage Over(Beverage before, string name, bool archived, HashSet<string> sent)
    {
        return new Beverage
        {
            Id = before.Id,
            Name = name,
            Brewery = New("brewery", Brewery, before.Brewery),
            Style = New("style", Style, before.Style),
            AbvPercent = New("abvPercent", Rounded(AbvPercent, 2), before.AbvPercent),
            Ibu = New("ibu", Rounded(Ibu, 1), before.Ibu),
            ColorEbc = New("colorEbc", Rounded(ColorEbc, 1), before.ColorEbc),
            PictureUrl = New("pictureUrl", PictureUrl, before.PictureUrl),
            PricePerLitre = New("pricePerLitre", Rounded(PricePerLitre, 4), before.PricePerLitre),
            IsArchived = archived,
            Edition = before.Edition + 1,
        };

        T New<T>(string member, T now, T was) => sent.Contains(member) ? now : was;
    }

    private static decimal? Rounded(decimal? value, int decimals) =>
        value is { } number ? decimal.Round(number, decimals, MidpointRounding.ToEven) : null;
}

/// <summary>A beverage as it is posted.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class BeveragePost : BeverageBody
{
    [Description("Its name; kegs and sales name it by that."), Text(200)]
    public required string Name { get; init; }

    internal Beverage ToBeverage(Guid id, HashSet<string> sent) => Over(new Beverage { Id = id, Name = Name }, Name, archived: false, sent);
}

/// <summary>A change of a beverage; what is left out stays as it is, and null forgets it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class BeveragePatch : BeverageBody
{
    /// <summary>Its new name.</summary>
    [Text(200, IsOptional = true)]
    public string? Name { get; init; }

    [Description("Whether it is not offered any more.")]
    public bool? Archived { get; init; }

    internal Beverage Apply(Beverage before, HashSet<string> sent) => Over(before, Name ?? before.Name, Archived ?? before.IsArchived, sent);
}
