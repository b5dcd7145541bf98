namespace Tap.Simulator.Taps;

/// <summary>When a tap pours: at its rate, a little early or late, and faster in rush hours.</summary>
internal sealed class Pace(SimulatorOptions options, Random random, TimeProvider time)
{
    /// <summary>By how much faster a tap pours in a rush hour that somebody has started.</summary>
    public const int RushFactor = 10;

    /// <summary>How long such a rush hour lasts.</summary>
    public static readonly TimeSpan RushDuration = TimeSpan.FromMinutes(1);

    // A tap that could not pour for longer makes up for nothing.
    private static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(1);

    // Timers take no more than 49 days.
    private static readonly TimeSpan MaxPause = TimeSpan.FromDays(40);

    private readonly RushHours _rush = options.RushHours;
    private long? _due;
    private long _rushUntil = long.MinValue;

    /// <summary>From its next pause on, the tap pours <see cref="RushFactor"/> times as fast, for <see cref="RushDuration"/>.</summary>
    public void StartRushHour() => Volatile.Write(ref _rushUntil, time.GetTimestamp() + (long)(RushDuration.TotalSeconds * time.TimestampFrequency));

    /// <summary>How long to wait for the next pour; zero when it is overdue.</summary>
    /// <remarks>Counted from when the last one was due, so that what a pour itself takes does not slow the tap down.</remarks>
    public TimeSpan UntilNext()
    {
        var now = time.GetTimestamp();
        var from = _due is { } due && time.GetElapsedTime(due, now) < MaxLag ? due : now;
        var pause = options.Pause(random) / _rush.FactorAt(TimeOnly.FromDateTime(time.GetLocalNow().DateTime));
        if (now < Volatile.Read(ref _rushUntil))
        {
            pause /= RushFactor;
        }

        var next = from + (long)((pause < MaxPause ? pause : MaxPause).TotalSeconds * time.TimestampFrequency);
        _due = next;
        return next > now ? time.GetElapsedTime(now, next) : TimeSpan.Zero;
    }
}
