namespace Taproom.Pours;

/// <summary>Compares what an odometer of pulses said at two times.</summary>
public static class Odometers
{
    private const long Bits32 = 1L << 32;

    // Less than this was poured between two pours that a tap tells of: at 450 pulses a litre, 37,000 L.
    private const long MostBetween = 1L << 24;

    /// <summary>By how many pulses it went on.</summary>
    /// <param name="before">What it said at the pour before.</param>
    /// <param name="now">What it says at this one.</param>
    /// <returns>
    /// The pulses, and whether it began anew at zero meanwhile; then they are those since. One of 32 bits that is full goes on at zero. One that
    /// goes back a little did not: the clock was set between two pours, so these have changed places, and the pulses are below zero.
    /// </returns>
    public static (long Pulses, bool IsReset) Advance(long before, long now) =>
        now >= before ? (now - before, false)
        : before < Bits32 && now + Bits32 - before < MostBetween ? (now + Bits32 - before, false)
        : now < before / 2 ? (now, true)
        : (now - before, false);
}
