using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>messages</c>.</summary>
public sealed class StoredMessage : IInsertedRow
{
    /// <inheritdoc />
    public ulong Tx { get; init; }

    /// <inheritdoc />
    public long Seq { get; init; }

    /// <summary>Identity of the message.</summary>
    public Guid Id { get; init; }

    /// <summary>When the front door received it; UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The JSON value as it was sent.</summary>
    public required string Payload { get; init; }

    /// <summary>The 128 bits of its trace id; null when it came without a trace.</summary>
    public Guid? TraceId { get; init; }
}

/// <inheritdoc />
internal sealed class StoredMessageConfiguration : IEntityTypeConfiguration<StoredMessage>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<StoredMessage> builder)
    {
        builder.HasInsertionOrder();
        builder.Property(message => message.Id).ValueGeneratedNever();
    }
}
