namespace Tap.Simulator.Taps;

/// <summary>What a tap's flow meter counts when a glass is poured.</summary>
/// <param name="random">Source of the glass mix and of the spread.</param>
/// <param name="pulsesPerLitre">The meter's calibration.</param>
internal sealed class FlowMeter(Random random, int pulsesPerLitre)
{
    /// <summary>Pulses for a litre, as the data sheets of common hall-effect flow meters have it (YF-S201: 450).</summary>
    public const int UsualPulsesPerLitre = 450;

    /// <summary>How far a hand on the tap misses the line, at most, as a part of the volume.</summary>
    private const double Spread = 0.03;

    // Nominal volume in mL and how many of twenty glasses are of it.
    private static readonly (double VolumeMl, int Share)[] Glasses = [(250, 5), (473, 6), (500, 6), (960, 3)];

    /// <summary>Pours one glass.</summary>
    /// <returns>Its volume in mL as the meter has it: whole pulses, to a tenth of a mL; always within 100 to 1000.</returns>
    public decimal Pour()
    {
        var drawn = random.Next(Glasses.Sum(glass => glass.Share));
        var nominalMl = Glasses.First(glass => (drawn -= glass.Share) < 0).VolumeMl;
        var poured = nominalMl * (1 + (Spread * ((2 * random.NextDouble()) - 1)));
        var pulses = Math.Round(poured * pulsesPerLitre / 1_000);
        return Math.Round((decimal)(pulses * 1_000 / pulsesPerLitre), 1);
    }
}
