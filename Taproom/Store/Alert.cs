using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>alerts</c>: something that somebody should look at, from when it began until it was over.</summary>
public sealed class Alert
{
    /// <summary>Order of insertion, rising; given by the database.</summary>
    public long Seq { get; init; }

    /// <summary>Identity of the alert, and of the event that tells its begin.</summary>
    public Guid Id { get; init; }

    /// <summary>What is wrong, for programs: <c>keg-low</c> and others.</summary>
    public required string Kind { get; init; }

    /// <summary>With what: a tap, a keg, a meter; at most one alert of a kind is open for it.</summary>
    public required string Subject { get; init; }

    /// <summary>What is wrong, for people.</summary>
    public required string Message { get; init; }

    /// <summary>More of it, for programs: a JSON object.</summary>
    public required string Data { get; init; }

    /// <summary>When it was noticed; UTC.</summary>
    public DateTimeOffset BeganAt { get; init; }

    /// <summary>When it was seen to be over; UTC, null while it is not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Identity of the event that tells its end.</summary>
    public Guid EndId { get; init; }

    /// <summary>Whether the event that tells its begin is in the stream.</summary>
    public bool BeginTold { get; init; }

    /// <summary>Whether the event that tells its end is in the stream.</summary>
    public bool EndTold { get; init; }
}

/// <inheritdoc />
internal sealed class AlertConfiguration : IEntityTypeConfiguration<Alert>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.Property(alert => alert.Seq).UseIdentityAlwaysColumn();
        builder.Property(alert => alert.Id).ValueGeneratedNever();
        builder.HasIndex(alert => new { alert.Kind, alert.Subject }).IsUnique().HasFilter("ended_at IS NULL");
        builder.HasIndex(alert => new { alert.BeganAt, alert.Seq });
        builder.HasIndex(alert => alert.Seq).HasFilter("NOT begin_told OR (ended_at IS NOT NULL AND NOT end_told)");
    }
}
