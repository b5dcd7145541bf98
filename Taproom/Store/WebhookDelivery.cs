using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>webhook_deliveries</c>: one attempt to tell a receiver something. The newest of each hook are kept.</summary>
public sealed class WebhookDelivery
{
    /// <summary>Order of insertion, rising; given by the database.</summary>
    public long Seq { get; init; }

    /// <summary>The hook.</summary>
    public Guid WebhookId { get; init; }

    /// <summary>The <c>webhook-id</c> of what was sent, the same for every attempt.</summary>
    public required string MessageId { get; init; }

    /// <summary>Its kind, for example <c>pour.stored</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Which attempt it was, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>When it began; UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How long it took, in ms.</summary>
    public int DurationMs { get; init; }

    /// <summary>The HTTP status of the answer; null when none came.</summary>
    public int? Status { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Error { get; init; }
}

/// <inheritdoc />
internal sealed class WebhookDeliveryConfiguration : IEntityTypeConfiguration<WebhookDelivery>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<WebhookDelivery> builder)
    {
        builder.HasKey(delivery => delivery.Seq);
        builder.Property(delivery => delivery.Seq).UseIdentityAlwaysColumn();
        builder.HasIndex(delivery => new { delivery.WebhookId, delivery.Seq });
        builder.HasOne<Webhook>().WithMany().HasForeignKey(delivery => delivery.WebhookId);
    }
}
