using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>webhooks</c>: a receiver that is told by HTTP what was stored, and how far it has been told.</summary>
public sealed class Webhook
{
    /// <summary>Its id, a UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>Where it is told: an absolute http or https address.</summary>
    public required string Url { get; init; }

    /// <summary>What it is told, for example <c>pour.stored</c>.</summary>
    public required string[] Kinds { get; init; }

    /// <summary>The key of its signatures, encrypted by whoever sends.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>Whether it is told anything.</summary>
    public bool Active { get; init; }

    /// <summary>How often somebody has changed it; what was sent by an older edition says nothing about this one.</summary>
    public int Edition { get; init; }

    /// <summary>When it was made; UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The transaction of the pour up to which it was told.</summary>
    public ulong PourTx { get; init; }

    /// <summary>The order of that pour within its transaction.</summary>
    public long PourSeq { get; init; }

    /// <summary>The transaction of the event up to which it was told.</summary>
    public ulong EventTx { get; init; }

    /// <summary>The order of that event within its transaction.</summary>
    public long EventSeq { get; init; }

    /// <summary>How many attempts in a row have failed.</summary>
    public int Failures { get; init; }

    /// <summary>When the first of them was; UTC, null while none has.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>When it is tried again; UTC, null for at once.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Why the newest attempt failed; null when it did not.</summary>
    public string? LastError { get; init; }

    /// <summary>When it was turned off because of its receiver; UTC, null when it was not.</summary>
    public DateTimeOffset? OffAt { get; init; }

    /// <summary>Why it was turned off.</summary>
    public string? OffReason { get; init; }

    /// <summary>Identity of the event that tells so.</summary>
    public Guid? OffId { get; init; }

    /// <summary>Whether that event is in the stream.</summary>
    public bool OffTold { get; init; }

    /// <summary>Which process sends for it, or did last.</summary>
    public Guid? LeasedBy { get; init; }

    /// <summary>Until when nobody else may, by the clock of Postgres; null for nobody.</summary>
    public DateTimeOffset? LeasedUntil { get; init; }
}

/// <inheritdoc />
internal sealed class WebhookConfiguration : IEntityTypeConfiguration<Webhook>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Webhook> builder)
    {
        builder.Property(hook => hook.Id).ValueGeneratedNever();
        builder.Property(hook => hook.PourTx).HasColumnType("xid8");
        builder.Property(hook => hook.EventTx).HasColumnType("xid8");
    }
}
