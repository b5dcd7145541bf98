namespace Taproom.Pours;

/// <summary>The scale of volumes: 0.001 mL, finer than any flow meter and the same everywhere, so that sums of them are exact.</summary>
public static class Volumes
{
    /// <summary>Rounds a volume in mL, half to even.</summary>
    public static decimal Round(decimal volumeMl) => decimal.Round(volumeMl, 3, MidpointRounding.ToEven);

    /// <summary>The volume that pulses of a flow meter stand for.</summary>
    /// <param name="pulses">The pulses, 0 or more.</param>
    /// <param name="pulsesPerLitre">The meter's calibration, see <see cref="PulsesPerLitre"/>.</param>
    /// <returns>The volume in mL, rounded; null where it fills no glass, by rounding neither.</returns>
    public static decimal? OfPulses(long pulses, decimal pulsesPerLitre)
    {
        var volumeMl = pulses * 1_000m / pulsesPerLitre;
        return GlassTypes.ForVolume(volumeMl) is null ? null : Round(volumeMl);
    }
}
