namespace Taproom.Pours;

/// <summary>The calibration of a flow meter: the pulses that it gives for a litre, kept to six decimals.</summary>
public static class PulsesPerLitre
{
    /// <summary>The least: with fewer, the smallest glass would not be one pulse.</summary>
    public const int Min = 10;

    /// <summary>The most: a hundred times what meters of beer lines give.</summary>
    public const int Max = 1_000_000;

    /// <summary>Most pulses of a pour: those of the largest glass at <see cref="Max"/>.</summary>
    public const long MaxPulses = Max;

    /// <summary>Whether a meter can have this calibration.</summary>
    public static bool IsValid(decimal pulsesPerLitre) => pulsesPerLitre is >= Min and <= Max;

    /// <summary>Rounds one to what is kept, half to even.</summary>
    public static decimal Round(decimal pulsesPerLitre) => decimal.Round(pulsesPerLitre, 6, MidpointRounding.ToEven);

    /// <summary>The calibration by which pulses stand for a volume that somebody measured.</summary>
    /// <param name="pulses">The pulses, 1 or more.</param>
    /// <param name="measuredMl">The volume in mL, above 0.</param>
    public static decimal Of(long pulses, decimal measuredMl) => Round(pulses * 1_000m / measuredMl);
}
