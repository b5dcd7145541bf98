using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Taproom.Pours;

namespace Taproom.Store;

/// <summary>A row of <c>calibrations</c>: how many pulses a tap's flow meter gives for a litre, from a time on.</summary>
/// <remarks>Rows stay: of two that are valid from the same time, the one that was set later counts.</remarks>
public sealed class Calibration
{
    /// <summary>Order of insertion, rising; given by the database.</summary>
    public long Id { get; init; }

    /// <summary>The tap.</summary>
    public int TapId { get; init; }

    /// <summary>From when on it holds, by the time of pours, until that of the next; the first of a tap holds before it too. UTC.</summary>
    public DateTimeOffset ValidFrom { get; init; }

    /// <summary>Pulses for a litre, see <see cref="Pours.PulsesPerLitre"/>.</summary>
    public decimal PulsesPerLitre { get; init; }

    /// <summary>When it was set; UTC.</summary>
    public DateTimeOffset SetAt { get; init; }
}

/// <inheritdoc />
internal sealed class CalibrationConfiguration : IEntityTypeConfiguration<Calibration>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Calibration> builder)
    {
        builder.ToTable(table =>
            table.HasCheckConstraint("CK_calibrations_pulses_per_litre", $"pulses_per_litre BETWEEN {PulsesPerLitre.Min} AND {PulsesPerLitre.Max}")
        );
        builder.Property(calibration => calibration.Id).UseIdentityAlwaysColumn();
        builder.Property(calibration => calibration.PulsesPerLitre).HasPrecision(13, 6);
        builder.Property(calibration => calibration.SetAt).HasDefaultValueSql("now()");
        builder.HasIndex(calibration => new
        {
            calibration.TapId,
            calibration.ValidFrom,
            calibration.Id,
        });
        builder.HasOne<TapTotals>().WithMany().HasForeignKey(calibration => calibration.TapId).OnDelete(DeleteBehavior.Cascade);
    }
}
