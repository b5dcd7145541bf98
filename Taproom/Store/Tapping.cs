using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>tappings</c>: the time for which a keg was on a tap.</summary>
public sealed class Tapping
{
    /// <summary>Given by the database.</summary>
    public long Id { get; init; }

    /// <summary>The tap.</summary>
    public int TapId { get; init; }

    /// <summary>The keg.</summary>
    public Guid KegId { get; init; }

    /// <summary>When it was put on the tap; UTC, whole milliseconds, as pours have them.</summary>
    public DateTimeOffset TappedAt { get; init; }

    /// <summary>When it was taken off; UTC, null while it is on.</summary>
    public DateTimeOffset? UntappedAt { get; init; }
}

/// <inheritdoc />
internal sealed class TappingConfiguration : IEntityTypeConfiguration<Tapping>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Tapping> builder)
    {
        builder.Property(tapping => tapping.Id).UseIdentityAlwaysColumn();
        builder.HasIndex(tapping => new { tapping.TapId, tapping.TappedAt });
        builder.HasIndex(tapping => tapping.KegId).IsUnique().HasFilter("untapped_at IS NULL");
        builder.HasOne<TapTotals>().WithMany().HasForeignKey(tapping => tapping.TapId);
        builder.HasOne<Keg>().WithMany().HasForeignKey(tapping => tapping.KegId);
    }
}
