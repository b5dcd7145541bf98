using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>odometer_minutes</c>: where the readings of a tap said that its odometer stood, the first and the last of a minute.</summary>
/// <remarks>
/// Whatever a meter counts between these is known from them, and a tap that reports each second has no more rows than others. Readings that
/// come late, twice or in any order make the same row.
/// </remarks>
public sealed class OdometerMinute
{
    /// <summary>The tap.</summary>
    public int TapId { get; init; }

    /// <summary>When the minute began; UTC.</summary>
    public DateTimeOffset Minute { get; init; }

    /// <summary>When the first reading was made; UTC.</summary>
    public DateTimeOffset FirstAt { get; init; }

    /// <summary>When it was received; UTC.</summary>
    public DateTimeOffset FirstReceivedAt { get; init; }

    /// <summary>All pulses that the meter had counted by then.</summary>
    public long FirstPulses { get; init; }

    /// <summary>When the last reading was made; UTC.</summary>
    public DateTimeOffset LastAt { get; init; }

    /// <summary>When it was received; UTC.</summary>
    public DateTimeOffset LastReceivedAt { get; init; }

    /// <summary>All pulses that the meter had counted by then.</summary>
    public long LastPulses { get; init; }
}

/// <inheritdoc />
internal sealed class OdometerMinuteConfiguration : IEntityTypeConfiguration<OdometerMinute>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<OdometerMinute> builder) => builder.HasKey(row => new { row.TapId, row.Minute });
}
