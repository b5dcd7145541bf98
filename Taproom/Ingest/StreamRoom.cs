using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Knows whether the ingest stream has room: too much may wait to be stored, or the memory of Redis may be nearly full.</summary>
public sealed class StreamRoom(IConnectionMultiplexer redis, RedisMemory memory, IOptions<IngestOptions> options, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(500);

    private readonly IReadOnlyList<RedisKey> _streams = options.Value.StreamKeys();
    private volatile bool _isFull;
    private long _readAt = long.MinValue / 2;

    /// <summary>Returns while there was room when Redis was last asked; it is asked again behind who calls this, at most every half second.</summary>
    /// <exception cref="StreamFullException">There was none.</exception>
    public void ThrowIfFull()
    {
        var (readAt, now) = (Volatile.Read(ref _readAt), time.GetTimestamp());
        if (time.GetElapsedTime(readAt, now) > MaxAge && Interlocked.CompareExchange(ref _readAt, now, readAt) == readAt)
        {
            // A Redis that does not answer takes no entries either, which who appends them is told.
            _ = ReadAsync().ContinueWith(static read => read.Exception, TaskScheduler.Default);
        }

        if (_isFull)
        {
            throw new StreamFullException();
        }
    }

    /// <summary>Asks Redis, and returns while there is room.</summary>
    /// <exception cref="StreamFullException">There is none.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task ThrowIfFullAsync()
    {
        if (await ReadAsync().WaitAsync(Deadlines.Answer, time))
        {
            throw new StreamFullException();
        }
    }

    private async Task<bool> ReadAsync() => _isFull = await IsFullAsync();

    private async Task<bool> IsFullAsync()
    {
        var waiting = Task.WhenAll(_streams.Select(WaitingAsync));
        var (isFull, _) = await memory.ReadAsync();
        return (await waiting).Sum() >= options.Value.HighWaterMark || isFull;
    }

    /// <summary>Entries of a partition that the group furthest behind has not acknowledged; what is only kept for live readers does not count.</summary>
    private async Task<long> WaitingAsync(RedisKey stream)
    {
        var database = redis.GetDatabase();
        var length = await database.StreamLengthAsync(stream);
        var groups = length == 0 ? [] : await database.StreamGroupInfoAsync(stream);
        // Redis does not know the lag of a group that began in the middle, and after a restart it tells too much for good (7.0).
        return groups.Length == 0 ? length : groups.Max(group => Math.Min(group.Lag ?? length, length));
    }
}
