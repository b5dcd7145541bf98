namespace Tap.Simulator.Tests;

/// <summary>A clock that stands still until a test moves it; timers ring when their time has come.</summary>
internal sealed class ManualTime(DateTimeOffset start, TimeSpan offset) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<(long Due, Action Ring)> _timers = [];
    private long _elapsed;

    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("here", offset, null, null);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(GetTimestamp());

    public override long GetTimestamp() => Interlocked.Read(ref _elapsed);

    public void Advance(TimeSpan by)
    {
        List<Action> ringing;
        lock (_gate)
        {
            _elapsed += by.Ticks;
            ringing = [.. _timers.Where(timer => timer.Due <= _elapsed).Select(timer => timer.Ring)];
            _timers.RemoveAll(timer => timer.Due <= _elapsed);
        }

        ringing.ForEach(ring => ring());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Add((_elapsed + dueTime.Ticks, () => callback(state)));
        }

        return new Timer();
    }

    /// <summary>Once set, it rings; who has lost interest ignores it.</summary>
    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
