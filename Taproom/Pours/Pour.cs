namespace Taproom.Pours;

/// <summary>One glass poured at a tap.</summary>
/// <param name="Id">Identity of the pour, the device's own or given at the front door; a second pour of this tap with it is a duplicate.</param>
/// <param name="TapId">The tap, 1 or more.</param>
/// <param name="VolumeMl">Volume in mL, 100 to 1000.</param>
/// <param name="PouredAt">When it was poured, by the device's clock where it sent a time that can be believed, else when it was received; UTC.</param>
/// <param name="ReceivedAt">When the front door received it; UTC.</param>
/// <param name="TraceId">The 128 bits of its trace id; null when it carries no trace.</param>
public sealed record Pour(Guid Id, int TapId, decimal VolumeMl, DateTimeOffset PouredAt, DateTimeOffset ReceivedAt, Guid? TraceId = null)
{
    /// <summary>Whether the device named a time that cannot be believed; then it counts as poured when it was received.</summary>
    public bool ClockSuspect { get; init; }

    /// <summary>The id as its sender wrote it; null when the front door gave it.</summary>
    public string? IdAsSent { get; init; }

    /// <summary>The glass that the volume fills.</summary>
    /// <exception cref="InvalidOperationException">The volume is outside 100..1000 mL.</exception>
    public GlassType Glass => GlassTypes.ForVolume(VolumeMl) ?? throw new InvalidOperationException(GlassTypes.OutOfRange);
}
