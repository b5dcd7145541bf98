using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>beverages</c>: what is known of a beverage. Kegs and sales name it, in whatever case.</summary>
public sealed class Beverage
{
    /// <summary>Identity of the beverage.</summary>
    public Guid Id { get; init; }

    /// <summary>Its name; no two differ by case only.</summary>
    public required string Name { get; init; }

    /// <summary>The name in lower case, by which it is found; given by the database.</summary>
    public string NameKey { get; init; } = "";

    /// <summary>Who brews it, or null.</summary>
    public string? Brewery { get; init; }

    /// <summary>Its style, such as Märzen, or null.</summary>
    public string? Style { get; init; }

    /// <summary>Alcohol by volume, in per cent; null where it is not known.</summary>
    public decimal? AbvPercent { get; init; }

    /// <summary>Bitterness in IBU; null where it is not known.</summary>
    public decimal? Ibu { get; init; }

    /// <summary>Colour in EBC units, see <see cref="Pours.BeerColor"/>; null where it is not known.</summary>
    public decimal? ColorEbc { get; init; }

    /// <summary>Address of a picture, http or https; null for none.</summary>
    public string? PictureUrl { get; init; }

    /// <summary>What a litre is sold for, in the venue's money; null where it is not known.</summary>
    public decimal? PricePerLitre { get; init; }

    /// <summary>Whether it is not offered any more.</summary>
    public bool IsArchived { get; init; }

    /// <summary>How often somebody has changed it.</summary>
    public int Edition { get; init; }
}

/// <inheritdoc />
internal sealed class BeverageConfiguration : IEntityTypeConfiguration<Beverage>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Beverage> builder)
    {
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("CK_beverages_abv_percent", "abv_percent BETWEEN 0 AND 100");
            table.HasCheckConstraint("CK_beverages_ibu", "ibu >= 0");
            table.HasCheckConstraint("CK_beverages_color_ebc", "color_ebc >= 0");
            table.HasCheckConstraint("CK_beverages_price_per_litre", "price_per_litre >= 0");
        });
        builder.Property(beverage => beverage.Id).ValueGeneratedNever();
        builder.Property(beverage => beverage.NameKey).HasComputedColumnSql("lower(name)", stored: true);
        builder.Property(beverage => beverage.AbvPercent).HasPrecision(5, 2);
        builder.Property(beverage => beverage.Ibu).HasPrecision(5, 1);
        builder.Property(beverage => beverage.ColorEbc).HasPrecision(5, 1);
        builder.Property(beverage => beverage.PricePerLitre).HasPrecision(12, 4);
        builder.Property(beverage => beverage.IsArchived).HasDefaultValue(false);
        builder.Property(beverage => beverage.Edition).HasDefaultValue(0);
        builder.HasIndex(beverage => beverage.NameKey).IsUnique();
    }
}
