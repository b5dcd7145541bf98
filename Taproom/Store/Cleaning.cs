using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>cleanings</c>: a time for which somebody had a tap in cleaning mode. What was poured in it and was not said to be anything else is cleaning.</summary>
public sealed class Cleaning
{
    /// <summary>Given by the database.</summary>
    public long Id { get; init; }

    /// <summary>The tap.</summary>
    public int TapId { get; init; }

    /// <summary>When it began; UTC, whole milliseconds, as pours have them.</summary>
    public DateTimeOffset BeganAt { get; init; }

    /// <summary>When it ended, or will end by itself; UTC, null for when it is switched off.</summary>
    public DateTimeOffset? EndsAt { get; init; }
}

/// <inheritdoc />
internal sealed class CleaningConfiguration : IEntityTypeConfiguration<Cleaning>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Cleaning> builder)
    {
        builder.Property(cleaning => cleaning.Id).UseIdentityAlwaysColumn();
        builder.HasIndex(cleaning => new { cleaning.TapId, cleaning.BeganAt });
        builder.HasOne<TapTotals>().WithMany().HasForeignKey(cleaning => cleaning.TapId).OnDelete(DeleteBehavior.Cascade);
    }
}
