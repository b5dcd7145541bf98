using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Taproom.Store;

/// <summary>A row of <c>meters</c>: a device that is polled.</summary>
public sealed class Meter
{
    // In the stream taps and meters share one field, and a meter may have the number of a tap.
    private const string DevicePrefix = "meter:";

    /// <summary>Its id, with leading zeros.</summary>
    public required string Id { get; init; }

    /// <summary>How it is asked: <c>json</c> or <c>rainforest</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>Where it is asked: an absolute http or https address.</summary>
    public required string Address { get; set; }

    /// <summary>Its user name; empty for none.</summary>
    public required string User { get; set; }

    /// <summary>Its password, encrypted by whoever polls.</summary>
    public required byte[] Secret { get; set; }

    /// <summary>Whether it is polled.</summary>
    public bool Active { get; set; }

    /// <summary>Number of its stored readings.</summary>
    public long TotalEventsLogged { get; init; }

    /// <summary>When its first reading was received; UTC, null before it.</summary>
    public DateTimeOffset? FirstTimestamp { get; init; }

    /// <summary>When its newest reading was received; UTC, null before the first.</summary>
    public DateTimeOffset? LastTimestamp { get; init; }

    /// <summary>Why the newest poll failed; null when it did not.</summary>
    public string? LastError { get; init; }

    /// <summary>The device of a meter, as readings name it.</summary>
    public static string Device(string id) => DevicePrefix + id;
}

/// <inheritdoc />
internal sealed class MeterConfiguration : IEntityTypeConfiguration<Meter>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<Meter> builder)
    {
        builder.Property(meter => meter.Id).UseCollation("C");
        // "user" alone is a reserved word of SQL.
        builder.Property(meter => meter.User).HasColumnName("user_name");
        builder.Property(meter => meter.TotalEventsLogged).HasDefaultValue(0L);
    }
}
