using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>events</c>.</summary>
public sealed class StoredEvent : IInsertedRow
{
    /// <inheritdoc />
    public ulong Tx { get; init; }

    /// <inheritdoc />
    public long Seq { get; init; }

    /// <summary>Identity of the event.</summary>
    public Guid Id { get; init; }

    /// <summary>When the front door received it; UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The part of a system that it happened in.</summary>
    public required string Component { get; init; }

    /// <summary>For example <c>production</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>Whose doing it was; null for a device or the system itself.</summary>
    public string? Email { get; init; }

    /// <summary>What happened, for people.</summary>
    public required string Message { get; init; }

    /// <summary>What happened, for programs: any JSON value as it was sent.</summary>
    public required string Data { get; init; }

    /// <summary>The 128 bits of its trace id; null when it came without a trace.</summary>
    public Guid? TraceId { get; init; }
}

/// <inheritdoc />
internal sealed class StoredEventConfiguration : IEntityTypeConfiguration<StoredEvent>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<StoredEvent> builder)
    {
        builder.HasInsertionOrder();
        builder.Property(activity => activity.Id).ValueGeneratedNever();
        builder.HasIndex(activity => new { activity.CreatedAt, activity.Seq });
        builder.HasIndex(activity => new
        {
            activity.Component,
            activity.CreatedAt,
            activity.Seq,
        });
        builder.HasIndex(activity => new
        {
            activity.Environment,
            activity.CreatedAt,
            activity.Seq,
        });
        builder.HasIndex(activity => new
        {
            activity.Email,
            activity.CreatedAt,
            activity.Seq,
        });
    }
}
