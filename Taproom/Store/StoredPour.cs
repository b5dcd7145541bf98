using Taproom.Pours;

namespace Taproom.Store;

/// <summary>A row of <c>pours</c>.</summary>
public sealed class StoredPour
{
    /// <summary>Order of insertion, rising; given by the database.</summary>
    public long Seq { get; init; }

    /// <summary>Identity of the pour.</summary>
    public Guid Id { get; init; }

    /// <summary>The tap, 1 or more.</summary>
    public int TapId { get; init; }

    /// <summary>Volume in mL.</summary>
    public decimal VolumeMl { get; init; }

    /// <summary>The glass that the volume fills.</summary>
    public GlassType Glass { get; init; }

    /// <summary>When it was poured, by the device where it said so; UTC.</summary>
    public DateTimeOffset PouredAt { get; init; }

    /// <summary>When the front door received it; UTC.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it was committed here; UTC.</summary>
    public DateTimeOffset StoredAt { get; init; }

    /// <summary>When it was deleted; UTC. The row stays, so that a pour that is delivered again cannot come back.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The keg that was on the tap when it was stored, or null.</summary>
    public Guid? KegId { get; init; }

    /// <summary>The 128 bits of its trace id; null when it came without a trace.</summary>
    public Guid? TraceId { get; init; }
}
