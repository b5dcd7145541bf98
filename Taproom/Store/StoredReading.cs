using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>readings</c>.</summary>
public sealed class StoredReading
{
    /// <summary>Order of insertion, rising; given by the database.</summary>
    public long Seq { get; init; }

    /// <summary>Identity of the reading.</summary>
    public Guid Id { get; init; }

    /// <summary>The tap's id, or <see cref="Meter.Device"/> of a meter.</summary>
    public required string Device { get; init; }

    /// <summary>When the front door received it; UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>What was read: a JSON object.</summary>
    public required string Body { get; init; }
}

/// <inheritdoc />
internal sealed class StoredReadingConfiguration : IEntityTypeConfiguration<StoredReading>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<StoredReading> builder)
    {
        builder.Property(reading => reading.Seq).UseIdentityAlwaysColumn();
        builder.Property(reading => reading.Id).ValueGeneratedNever();
        builder.HasIndex(reading => new { reading.Device, reading.Seq });
        // Rows come in about this order, so that an index of a few pages finds those of late.
        builder.HasIndex(reading => reading.ReceivedAt).HasMethod("brin");
    }
}
