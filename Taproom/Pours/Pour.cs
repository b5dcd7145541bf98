namespace Taproom.Pours;

/// <summary>One glass poured at a tap.</summary>
/// <param name="Id">Identity of the pour, the device's own or given at the front door; a second pour with it is a duplicate.</param>
/// <param name="TapId">The tap, 1 or more.</param>
/// <param name="VolumeMl">Volume in mL, 100 to 1000.</param>
/// <param name="PouredAt">When it was poured, by the device's clock where it sent one, else when it was received; UTC.</param>
/// <param name="ReceivedAt">When the front door received it; UTC.</param>
/// <param name="TraceId">The 128 bits of its trace id; null when it carries no trace.</param>
public sealed record Pour(Guid Id, int TapId, decimal VolumeMl, DateTimeOffset PouredAt, DateTimeOffset ReceivedAt, Guid? TraceId = null)
{
    /// <summary>The glass that the volume fills.</summary>
    /// <exception cref="InvalidOperationException">The volume is outside 100..1000 mL.</exception>
    public GlassType Glass => GlassTypes.ForVolume(VolumeMl) ?? throw new InvalidOperationException(GlassTypes.OutOfRange);
}
