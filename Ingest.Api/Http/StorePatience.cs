using Taproom;

namespace Ingest.Api.Http;

/// <summary>How long one call still waits for Redis and Postgres; from its first use, which is before authentication.</summary>
internal sealed class StorePatience : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly CancellationTokenSource _end;
    private TimeSpan _excused;

    /// <summary>Starts the clock.</summary>
    public StorePatience(TimeProvider time)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
        _end = new CancellationTokenSource(Deadlines.Call, time);
    }

    /// <summary>Cancelled when the stores have had their time.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Waits for something that is not a store; this time does not count.</summary>
    public async Task ExcuseAsync(Task other)
    {
        var since = _time.GetTimestamp();
        _end.CancelAfter(Timeout.InfiniteTimeSpan);
        await other;
        Add(_time.GetElapsedTime(since));
    }

    /// <summary>Gives more time to a call that waits although the stores answer.</summary>
    public void Add(TimeSpan more)
    {
        _excused += more;
        var left = Deadlines.Call + _excused - _time.GetElapsedTime(_startedAt);
        _end.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <inheritdoc />
    public void Dispose() => _end.Dispose();
}
