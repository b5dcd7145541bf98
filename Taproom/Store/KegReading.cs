using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>keg_readings</c>: what somebody found to be left in a keg, and by how much the level was corrected.</summary>
public sealed class KegReading
{
    /// <summary>Order of insertion, rising; given by the database.</summary>
    public long Id { get; init; }

    /// <summary>The keg.</summary>
    public Guid KegId { get; init; }

    /// <summary>When; UTC.</summary>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>What the keg weighed, with what was in it, in g; null where it was not weighed.</summary>
    public decimal? GrossG { get; init; }

    /// <summary>What was left, in mL.</summary>
    public decimal LeftMl { get; init; }

    /// <summary>That, less what the pours had left by then, in mL: what the level was corrected by.</summary>
    public decimal CorrectionMl { get; init; }
}

/// <inheritdoc />
internal sealed class KegReadingConfiguration : IEntityTypeConfiguration<KegReading>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<KegReading> builder)
    {
        builder.ToTable(table => table.HasCheckConstraint("CK_keg_readings_left_ml", "left_ml >= 0"));
        builder.Property(reading => reading.Id).UseIdentityAlwaysColumn();
        builder.Property(reading => reading.ReadAt).HasDefaultValueSql("now()");
        builder.HasIndex(reading => new { reading.KegId, reading.Id });
        builder.HasOne<Keg>().WithMany().HasForeignKey(reading => reading.KegId).OnDelete(DeleteBehavior.Cascade);
    }
}
