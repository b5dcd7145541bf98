using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>
/// A row of <c>taps</c>: what a tap has poured so far, kept up to date in the transaction that stores its pours, and who it is
/// where it was registered.
/// </summary>
public sealed class TapTotals
{
    /// <summary>The tap, 1 or more.</summary>
    public int Id { get; init; }

    /// <summary>Number of its stored pours.</summary>
    public long Pours { get; init; }

    /// <summary>Sum of their volumes in mL.</summary>
    public decimal VolumeMl { get; init; }

    /// <summary>When its first stored pour was received; UTC, null before it.</summary>
    public DateTimeOffset? FirstSeen { get; init; }

    /// <summary>When its newest stored pour was received; UTC, null before the first.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Its name, where it was given one.</summary>
    public string? Name { get; init; }

    /// <summary>When it was registered; UTC, null when it is known by its pours only.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>SHA-256 of its token; null when it has none.</summary>
    public byte[]? TokenHash { get; init; }

    /// <summary>SHA-256 of the token before, which is still valid for a time; null when there is none.</summary>
    public byte[]? PreviousTokenHash { get; init; }

    /// <summary>When the token before ends to be valid; UTC, null when there is none.</summary>
    public DateTimeOffset? PreviousTokenUntil { get; init; }
}

/// <inheritdoc />
internal sealed class TapTotalsConfiguration : IEntityTypeConfiguration<TapTotals>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<TapTotals> builder)
    {
        builder.ToTable(table => table.HasCheckConstraint("CK_taps_id", "id >= 1"));
        builder.Property(tap => tap.Id).ValueGeneratedNever();
        builder.Property(tap => tap.Pours).HasDefaultValue(0L);
        builder.Property(tap => tap.VolumeMl).HasDefaultValue(0m);
    }
}
