namespace Tap.Simulator.Taps;

/// <summary>What a tap's flow meter counts when a glass is poured.</summary>
/// <param name="random">Source of the glass mix and of the spread.</param>
/// <param name="pulsesPerLitre">The meter's calibration.</param>
/// <param name="odometer">Pulses that it has counted before.</param>
internal sealed class FlowMeter(Random random, int pulsesPerLitre, long odometer = 0)
{
    /// <summary>Pulses for a litre, as the data sheets of common hall-effect flow meters have it (YF-S201: 450).</summary>
    public const int UsualPulsesPerLitre = 450;

    /// <summary>How far a hand on the tap misses the line, at most, as a part of the volume.</summary>
    private const double Spread = 0.03;

    // Nominal volume in mL and how many of twenty glasses are of it.
    private static readonly (double VolumeMl, int Share)[] Glasses = [(250, 5), (473, 6), (500, 6), (960, 3)];

    /// <summary>All pulses that it has counted.</summary>
    public long Odometer { get; private set; } = odometer;

    /// <summary>Pours one glass.</summary>
    /// <param name="part">Which part of it; less than 1 when the power fails before it is full.</param>
    /// <returns>What the meter says; a full glass has 100 to 1000 mL.</returns>
    public MeteredPour Pour(double part = 1)
    {
        var drawn = random.Next(Glasses.Sum(glass => glass.Share));
        var nominalMl = Glasses.First(glass => (drawn -= glass.Share) < 0).VolumeMl;
        var poured = nominalMl * (1 + (Spread * ((2 * random.NextDouble()) - 1)));
        var pulses = (long)Math.Round(part * poured * pulsesPerLitre / 1_000);
        var volumeMl = Math.Round(pulses * 1_000m / pulsesPerLitre, 1);
        // A beer tap gives 2 to 3 litres a minute.
        var durationMs = (int)((double)volumeMl * 60 / (2 + random.NextDouble()));
        Odometer += pulses;
        return new MeteredPour(volumeMl, pulses, Odometer, durationMs);
    }
}

/// <summary>What a flow meter says of a pour.</summary>
/// <param name="VolumeMl">Its volume: whole pulses, to a tenth of a mL.</param>
/// <param name="Pulses">Its pulses.</param>
/// <param name="Odometer">All pulses of the meter until its end.</param>
/// <param name="DurationMs">How long it took.</param>
internal sealed record MeteredPour(decimal VolumeMl, long Pulses, long Odometer, int DurationMs);
