namespace Taproom.Pours;

/// <summary>Compares what an odometer of pulses said at two times.</summary>
public static class Odometers
{
    private const long Bits32 = 1L << 32;

    /// <summary>Less than this flows between two times at which an odometer is told: at 450 pulses a litre, 37,000 L.</summary>
    public const long MostBetween = 1L << 24;

    /// <summary>By how many pulses it went on.</summary>
    /// <param name="before">What it said before.</param>
    /// <param name="now">What it says now.</param>
    /// <returns>
    /// The pulses, and whether it began anew meanwhile; then they are those since zero, or none where it went on by more than can flow: that is
    /// another meter. One of 32 bits that is full goes on at zero. One that goes back a little did not: the clock was set between the two,
    /// so they have changed places, and the pulses are below zero.
    /// </returns>
    public static (long Pulses, bool IsReset) Advance(long before, long now) =>
        now >= before ? (now - before < MostBetween ? (now - before, false) : (0, true))
        : before < Bits32 && now + Bits32 - before < MostBetween ? (now + Bits32 - before, false)
        : now < before / 2 ? (now < MostBetween ? now : 0, true)
        : (now - before, false);
}
