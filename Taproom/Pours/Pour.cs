namespace Taproom.Pours;

/// <summary>One glass poured at a tap.</summary>
/// <param name="Id">Identity of the pour, the device's own or given at the front door; a second pour of this tap with it is a duplicate.</param>
/// <param name="TapId">The tap, 1 or more.</param>
/// <param name="VolumeMl">Volume in mL, 100 to 1000; null while it is known in pulses only: the store derives it, see <see cref="Pulses"/>.</param>
/// <param name="PouredAt">When it was poured, by the device's clock where it sent a time that can be believed, else when it was received; UTC.</param>
/// <param name="ReceivedAt">When the front door received it; UTC.</param>
/// <param name="TraceId">The 128 bits of its trace id; null when it carries no trace.</param>
public sealed record Pour(Guid Id, int TapId, decimal? VolumeMl, DateTimeOffset PouredAt, DateTimeOffset ReceivedAt, Guid? TraceId = null)
{
    /// <summary>Whether the device named a time that cannot be believed; then it counts as poured when it was received.</summary>
    public bool ClockSuspect { get; init; }

    /// <summary>The id as its sender wrote it; null when the front door gave it.</summary>
    public string? IdAsSent { get; init; }

    /// <summary>Pulses that its flow meter counted; null when the tap did not say.</summary>
    public long? Pulses { get; init; }

    /// <summary>All pulses that the flow meter had counted by its end; null when the tap did not say.</summary>
    public long? Odometer { get; init; }

    /// <summary>Whether the volume was derived from the pulses, so that it follows the tap's calibration.</summary>
    public bool VolumeDerived { get; init; }

    /// <summary>What it was for.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>The glass that the volume fills; null while the volume is not known, or where it fills none.</summary>
    public GlassType? Glass => VolumeMl is { } volumeMl ? GlassTypes.ForVolume(volumeMl) : null;
}
