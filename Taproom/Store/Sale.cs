using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>sales</c>: glasses that a till sold, to be compared with what was poured.</summary>
public sealed class Sale
{
    /// <summary>Identity of the sale. Of an imported line it comes from what the line says, so that a file that is imported again adds nothing.</summary>
    public Guid Id { get; init; }

    /// <summary>When it was sold; UTC.</summary>
    public DateTimeOffset SoldAt { get; init; }

    /// <summary>The tap, or null where the till does not know it.</summary>
    public int? TapId { get; init; }

    /// <summary>What was sold, as a keg has it; null where only the tap is known.</summary>
    public string? Beverage { get; init; }

    /// <summary>Volume of one glass, in mL.</summary>
    public decimal VolumeMl { get; init; }

    /// <summary>How many glasses.</summary>
    public int Count { get; init; }

    /// <summary>Price of one glass, in the venue's money; null where it is not known.</summary>
    public decimal? Price { get; init; }

    /// <summary>When it was stored; UTC.</summary>
    public DateTimeOffset StoredAt { get; init; }
}

/// <inheritdoc />
internal sealed class SaleConfiguration : IEntityTypeConfiguration<Sale>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Sale> builder)
    {
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("CK_sales_volume_ml", "volume_ml > 0");
            table.HasCheckConstraint("CK_sales_count", "count > 0");
            table.HasCheckConstraint("CK_sales_price", "price >= 0");
            table.HasCheckConstraint("CK_sales_of", "tap_id IS NOT NULL OR beverage IS NOT NULL");
        });
        builder.Property(sale => sale.Id).ValueGeneratedNever();
        builder.Property(sale => sale.Price).HasPrecision(12, 4);
        builder.Property(sale => sale.StoredAt).HasDefaultValueSql("now()");
        builder.HasIndex(sale => sale.SoldAt);
    }
}
