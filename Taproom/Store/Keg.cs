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

    /// <summary>When it first ran low; null while it has not.</summary>
    public DateTimeOffset? LowAt { get; init; }

    /// <summary>Whether the event that says so is in the stream.</summary>
    public bool LowTold { get; init; }
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
        builder.Property(keg => keg.LowTold).HasDefaultValue(false);
        builder.HasIndex(keg => keg.LowAt).HasFilter("NOT low_told AND low_at IS NOT NULL");
        builder.HasOne<TapTotals>().WithOne().HasForeignKey<Keg>(keg => keg.TapId).OnDelete(DeleteBehavior.NoAction);
    }
}
