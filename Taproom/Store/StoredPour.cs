using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>A row of <c>pours</c>.</summary>
public sealed class StoredPour : IInsertedRow
{
    /// <inheritdoc />
    public ulong Tx { get; init; }

    /// <inheritdoc />
    public long Seq { get; init; }

    /// <summary>Identity of the pour.</summary>
    public Guid Id { get; init; }

    /// <summary>The tap, 1 or more.</summary>
    public int TapId { get; init; }

    /// <summary>The tap that reported it, where somebody gave it to another one later; else null.</summary>
    public int? ReportedTapId { get; init; }

    /// <summary>Why somebody gave it to another tap; null where nobody did.</summary>
    public string? MoveReason { get; init; }

    /// <summary>The tap that reported it: its id is known from that one, and so is what its flow meter counted.</summary>
    public int ReportedBy => ReportedTapId ?? TapId;

    /// <summary>Volume in mL.</summary>
    public decimal VolumeMl { get; init; }

    /// <summary>The glass that the volume fills.</summary>
    public GlassType Glass { get; init; }

    /// <summary>When it was poured, by the device where it said so and can be believed, else when it was received; UTC.</summary>
    public DateTimeOffset PouredAt { get; init; }

    /// <summary>Whether the device named a time that cannot be believed.</summary>
    public bool ClockSuspect { get; init; }

    /// <summary>When the front door received it; UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it was committed here; UTC.</summary>
    public DateTimeOffset StoredAt { get; init; }

    /// <summary>When it was deleted; UTC. The row stays, so that a pour that is delivered again cannot come back.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Why it was deleted; null where nobody said, or it was not.</summary>
    public string? DeleteReason { get; init; }

    /// <summary>The keg that was on the tap when it was poured, or null.</summary>
    public Guid? KegId { get; init; }

    /// <summary>The 128 bits of its trace id; null when it came without a trace.</summary>
    public Guid? TraceId { get; init; }

    /// <summary>Pulses that its flow meter counted; null when the tap did not say.</summary>
    public long? Pulses { get; init; }

    /// <summary>All pulses that the flow meter had counted by its end; null when the tap did not say.</summary>
    public long? Odometer { get; init; }

    /// <summary>Whether the volume was derived from the pulses, so that it follows the tap's calibration.</summary>
    public bool VolumeDerived { get; init; }

    /// <summary>What it was for.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>Why somebody said later what it was for; null where nobody did, or gave no reason.</summary>
    public string? PurposeReason { get; init; }

    /// <summary>What a rule proposes that it was for, until a person accepts or declines that; null where nothing is proposed.</summary>
    public Purpose? ProposedPurpose { get; init; }

    /// <summary>Which rule made the purpose or proposed one, or that a person said it; null where nobody has said anything since it was poured.</summary>
    public PurposeRule? PurposeRule { get; init; }
}

/// <inheritdoc />
internal sealed class StoredPourConfiguration : IEntityTypeConfiguration<StoredPour>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<StoredPour> builder)
    {
        builder.ToTable(table =>
        {
            table.HasCheckConstraint("CK_pours_tap_id", "tap_id >= 1");
            table.HasCheckConstraint("CK_pours_volume_ml", "volume_ml BETWEEN 100 AND 1000");
        });
        builder.HasInsertionOrder();
        builder.Property(pour => pour.Id).ValueGeneratedNever();
        builder.Property(pour => pour.VolumeMl).HasPrecision(7, 3);
        builder.Property(pour => pour.Glass).HasConversion<short>();
        builder.Property(pour => pour.StoredAt).HasDefaultValueSql("now()");
        builder.Property(pour => pour.ClockSuspect).HasDefaultValue(false);
        builder.Property(pour => pour.VolumeDerived).HasDefaultValue(false);
        builder.Property(pour => pour.Purpose).HasConversion<short>().HasDefaultValue(Purpose.Sale);
        builder.Property(pour => pour.ProposedPurpose).HasConversion<short>();
        builder.Property(pour => pour.PurposeRule).HasConversion<short>();
        builder.HasIndex(pour => new { pour.Tx, pour.Seq }, "IX_pours_proposed").HasFilter("proposed_purpose IS NOT NULL");
        builder.HasIndex(pour => new
        {
            pour.TapId,
            pour.Tx,
            pour.Seq,
        });
        builder.HasIndex(pour => new
        {
            pour.Glass,
            pour.Tx,
            pour.Seq,
        });
        builder.HasIndex(pour => new { pour.PouredAt, pour.Seq });
        builder.HasIndex(pour => new
        {
            pour.TapId,
            pour.PouredAt,
            pour.Seq,
        });
        // Few are anything else than sales, and those are looked for.
        builder
            .HasIndex(pour => new
            {
                pour.Purpose,
                pour.Tx,
                pour.Seq,
            })
            .HasFilter("purpose <> 0");
        builder.Ignore(pour => pour.ReportedBy);
        // Few are given to another tap, and what their meters counted is looked for where they came from.
        builder.HasIndex(pour => new { pour.ReportedTapId, pour.PouredAt }).HasFilter("reported_tap_id IS NOT NULL");
        // A deleted row stays: see DeletedAt.
        builder.HasQueryFilter(pour => pour.DeletedAt == null);
    }
}
