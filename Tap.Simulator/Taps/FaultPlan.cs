namespace Tap.Simulator.Taps;

/// <summary>When one tap misbehaves, and how much; every fault draws from a source of its own, so that switching one on moves no other.</summary>
/// <param name="options">How often.</param>
/// <param name="sourceOf">Makes the random source of a name.</param>
internal sealed class FaultPlan(FaultOptions options, Func<string, Random> sourceOf)
{
    private static readonly TimeSpan MaxSkew = TimeSpan.FromHours(12);

    private readonly Random _drop = sourceOf(nameof(FaultOptions.DropConnection));
    private readonly Random _stop = sourceOf(nameof(FaultOptions.StopMidPour));
    private readonly Random _twice = sourceOf(nameof(FaultOptions.SendTwice));
    private readonly Random _order = sourceOf(nameof(FaultOptions.OutOfOrder));
    private readonly Random _skew = sourceOf(nameof(FaultOptions.SkewClock));
    private readonly Random _copy = sourceOf(nameof(FaultOptions.CopyId));
    private readonly Random _corrupt = sourceOf(nameof(FaultOptions.Corrupt));
    private readonly Random _read = sourceOf(nameof(FaultOptions.StopReading));

    /// <summary>Whether <see cref="StopsReading"/> can ever be other than null.</summary>
    public bool MayStopReading => options.StopReading > 0;

    /// <summary>Whether the connection breaks off now.</summary>
    public bool DropsConnection() => Happens(_drop, options.DropConnection);

    /// <summary>Whether this pour is sent twice.</summary>
    public bool SendsTwice() => Happens(_twice, options.SendTwice);

    /// <summary>Which part of the glass is full when the power fails; null when it does not.</summary>
    public double? StopsMidPour() => Happens(_stop, options.StopMidPour) ? _stop.NextDouble() : null;

    /// <summary>How long this pour is held back.</summary>
    /// <param name="atMost">The longest.</param>
    public TimeSpan HoldsBack(TimeSpan atMost) => Happens(_order, options.OutOfOrder) ? atMost * _order.NextDouble() : TimeSpan.Zero;

    /// <summary>How wrong the tap's clock is now.</summary>
    public TimeSpan ClockSkew() => options.ClockSkew + (Happens(_skew, options.SkewClock) ? MaxSkew * ((2 * _skew.NextDouble()) - 1) : TimeSpan.Zero);

    /// <summary>Whether a pour with the id of another tap's goes first.</summary>
    public bool CopiesId() => Happens(_copy, options.CopyId);

    /// <summary>The beginning of a payload, never all of it; null when this payload stays whole.</summary>
    public byte[]? Corrupted(byte[] payload) => Happens(_corrupt, options.Corrupt) ? payload[.._corrupt.Next(payload.Length)] : null;

    /// <summary>How long the tap reads nothing from now on; null when it goes on reading.</summary>
    /// <param name="atMost">The longest.</param>
    public TimeSpan? StopsReading(TimeSpan atMost) => Happens(_read, options.StopReading) ? atMost * _read.NextDouble() : null;

    private static bool Happens(Random random, double probability) => random.NextDouble() < probability;
}
