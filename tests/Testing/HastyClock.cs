namespace Testing;

/// <summary>
/// The machine's clock, on which what waits for five seconds or longer waits for a tenth of that: a pause that a service makes of itself is
/// seen to end without being waited for. The time of day is right, and deadlines of calls, which are shorter, are as they are.
/// </summary>
public sealed class HastyClock : TimeProvider
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(base.CreateTimer(callback, state, Shorter(dueTime), Shorter(period)));

    private static TimeSpan Shorter(TimeSpan span) => span >= Long ? span / 10 : span;

    private sealed class Timer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Shorter(dueTime), Shorter(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
