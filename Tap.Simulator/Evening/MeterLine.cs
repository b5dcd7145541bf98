namespace Tap.Simulator.Evening;

/// <summary>What the flow meter of a tap counts in an evening, of whatever flows.</summary>
internal sealed class MeterLine(long before, bool isFullAt32Bits)
{
    private readonly List<(DateTimeOffset Start, DateTimeOffset End, long Pulses)> _flows = [];
    private DateTimeOffset _resetAt = DateTimeOffset.MaxValue;

    /// <summary>Something flows.</summary>
    public void Flow(DateTimeOffset start, TimeSpan length, long pulses) => _flows.Add((start, start + length, pulses));

    /// <summary>It begins anew at zero.</summary>
    public void ResetAt(DateTimeOffset at) => _resetAt = at;

    /// <summary>Where its odometer stands at a time, also in the middle of a flow.</summary>
    public long Odometer(DateTimeOffset at)
    {
        var counted = at < _resetAt ? before + Counted(at) : Counted(at) - Counted(_resetAt);
        return isFullAt32Bits ? counted % (1L << 32) : counted;
    }

    private long Counted(DateTimeOffset at) =>
        _flows.Sum(flow =>
            at >= flow.End ? flow.Pulses
            : at <= flow.Start ? 0
            : flow.Pulses * (at - flow.Start).Ticks / (flow.End - flow.Start).Ticks
        );
}
