using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>kegs</c>.</summary>
public sealed class Keg : IInsertedRow
{
    /// <inheritdoc />
    public ulong Tx { get; init; }

    /// <inheritdoc />
    public long Seq { get; init; }

    /// <summary>Identity of the keg.</summary>
    public Guid Id { get; init; }

    /// <summary>What is in it.</summary>
    public required string Beverage { get; init; }

    /// <summary>Its size in mL.</summary>
    public decimal SizeMl { get; init; }

    /// <summary>What is left by the pours of its taps, in mL; below zero when a tap measures more than the keg held.</summary>
    public decimal LevelMl { get; init; }

    /// <summary>The tap that it is on, or null.</summary>
    public int? TapId { get; init; }
}

/// <inheritdoc />
internal sealed class KegConfiguration : IEntityTypeConfiguration<Keg>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Keg> builder)
    {
        builder.ToTable(table => table.HasCheckConstraint("CK_kegs_size_ml", "size_ml > 0"));
        builder.HasInsertionOrder();
        builder.Property(keg => keg.Id).ValueGeneratedNever();
        builder.HasOne<TapTotals>().WithOne().HasForeignKey<Keg>(keg => keg.TapId).OnDelete(DeleteBehavior.NoAction);
    }
}
