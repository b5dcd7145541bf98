using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom.Store;

namespace Ingest.Api.Beverages;

/// <summary>What can be said of a beverage beside its name.</summary>
public abstract class BeverageBody
{
    private readonly HashSet<string> _given = [];

    /// <summary>Who brews it.</summary>
    [Text(200, IsOptional = true)]
    public string? Brewery
    {
        get;
        init => field = Given(value);
    }

    [Description("Its style, such as Märzen."), Text(100, IsOptional = true)]
    public string? Style
    {
        get;
        init => field = Given(value);
    }

    [Description("Alcohol by volume, in per cent, kept to 0.01.")]
    [Range(0, 100, ErrorMessage = "The member 'abvPercent' must be a number from 0 to 100.")]
    public decimal? AbvPercent
    {
        get;
        init => field = Given(Rounded(value, 2));
    }

    [Description("Bitterness, in IBU, kept to 0.1.")]
    [Range(0, 1000, ErrorMessage = "The member 'ibu' must be a number from 0 to 1000.")]
    public decimal? Ibu
    {
        get;
        init => field = Given(Rounded(value, 1));
    }

    [Description("Colour, in EBC units (1.97 times SRM), kept to 0.1.")]
    [Range(0, 1000, ErrorMessage = "The member 'colorEbc' must be a number from 0 to 1000.")]
    public decimal? ColorEbc
    {
        get;
        init => field = Given(Rounded(value, 1));
    }

    [Description("Address of a picture; pages show it when it is https, or of their own machine.")]
    [HttpAddress, MaxLength(2000, ErrorMessage = "The member 'pictureUrl' must not be longer than 2000 characters.")]
    public string? PictureUrl
    {
        get;
        init => field = Given(value);
    }

    [Description("What a litre is sold for, in the venue's money, kept to 0.0001.")]
    [Range(0, 1_000_000, ErrorMessage = "The member 'pricePerLitre' must be a number from 0 to 1000000.")]
    public decimal? PricePerLitre
    {
        get;
        init => field = Given(Rounded(value, 4));
    }

    /// <summary>What is said, over what was.</summary>
    internal Beverage Over(Beverage before, string name, bool archived) =>
        new()
        {
            Id = before.Id,
            Name = name,
            Brewery = Has(nameof(Brewery)) ? Brewery : before.Brewery,
            Style = Has(nameof(Style)) ? Style : before.Style,
            AbvPercent = Has(nameof(AbvPercent)) ? AbvPercent : before.AbvPercent,
            Ibu = Has(nameof(Ibu)) ? Ibu : before.Ibu,
            ColorEbc = Has(nameof(ColorEbc)) ? ColorEbc : before.ColorEbc,
            PictureUrl = Has(nameof(PictureUrl)) ? PictureUrl : before.PictureUrl,
            PricePerLitre = Has(nameof(PricePerLitre)) ? PricePerLitre : before.PricePerLitre,
            IsArchived = archived,
            Edition = before.Edition + 1,
        };

    private bool Has(string member) => _given.Contains(member);

    private T Given<T>(T value, [CallerMemberName] string member = "")
    {
        _given.Add(member);
        return value;
    }

    // Of what is out of range the validation tells.
    private static decimal? Rounded(decimal? value, int decimals) =>
        value is { } number ? decimal.Round(number, decimals, MidpointRounding.ToEven) : null;
}

/// <summary>A beverage as it is posted.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class BeveragePost : BeverageBody
{
    [Description("Its name; kegs and sales name it by that."), Text(200)]
    public required string Name { get; init; }

    /// <summary>The beverage.</summary>
    internal Beverage ToBeverage(Guid id) => Over(new Beverage { Id = id, Name = Name }, Name, archived: false);
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

    /// <summary>The beverage with it.</summary>
    internal Beverage Apply(Beverage before) => Over(before, Name ?? before.Name, Archived ?? before.IsArchived);
}
