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

    /// <summary>
    /// What is left, in mL: its size, less its pours, plus <see cref="CorrectionMl"/>; below zero when a tap measures more than the keg held.
    /// </summary>
    public decimal LevelMl { get; init; }

    /// <summary>What its readings have added to the level in all, in mL; below zero where less was left than the pours said.</summary>
    public decimal CorrectionMl { get; init; }

    /// <summary>What it weighs when it is empty, in g; null where it is not known.</summary>
    public decimal? TareG { get; init; }

    /// <summary>What the full keg cost, in the venue's money; null where it is not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The tap that it is on, or null.</summary>
    public int? TapId { get; init; }

    /// <summary>When it was put on a tap for the first time; UTC, null while it was not.</summary>
    public DateTimeOffset? TappedAt { get; init; }

    /// <summary>When it was taken off a tap as empty; UTC, null while it was not.</summary>
    public DateTimeOffset? EmptiedAt { get; init; }

    /// <summary>How often somebody has changed it. Pours do not count.</summary>
    public int Edition { get; init; }
}

/// <inheritdoc />
internal sealed class KegConfiguration : IEntityTypeConfiguration<Keg>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Keg> builder)
    {
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("CK_kegs_size_ml", "size_ml > 0");
            table.HasCheckConstraint("CK_kegs_tare_g", "tare_g >= 0");
            table.HasCheckConstraint("CK_kegs_cost", "cost >= 0");
        });
        builder.HasInsertionOrder();
        builder.Property(keg => keg.Id).ValueGeneratedNever();
        builder.Property(keg => keg.Cost).HasPrecision(12, 4);
        builder.Property(keg => keg.CorrectionMl).HasDefaultValue(0m);
        builder.Property(keg => keg.Edition).HasDefaultValue(0);
        builder.HasOne<TapTotals>().WithOne().HasForeignKey<Keg>(keg => keg.TapId).OnDelete(DeleteBehavior.NoAction);
    }
}
