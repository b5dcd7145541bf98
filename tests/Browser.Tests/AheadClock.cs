using Microsoft.Extensions.Internal;

namespace Browser.Tests;

/// <summary>The machine's clock, set ahead.</summary>
internal sealed class AheadClock : TimeProvider, ISystemClock
{
    private long _ticks;

    /// <summary>How far.</summary>
    public TimeSpan Ahead
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
        set => Interlocked.Exchange(ref _ticks, value.Ticks);
    }

    /// <summary>As caches in memory ask for it.</summary>
    public DateTimeOffset UtcNow => GetUtcNow();

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    /// <inheritdoc />
    public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
}
