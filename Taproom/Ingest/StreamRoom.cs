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

    /// <summary>Returns while there is room.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="maxAge">How old the answer may be; half a second by default, as it is asked for every pour.</param>
    /// <exception cref="StreamFullException">There is none.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task ThrowIfFullAsync(CancellationToken cancellationToken, TimeSpan? maxAge = null)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(Volatile.Read(ref _readAt), now) > (maxAge ?? MaxAge))
        {
            Volatile.Write(ref _readAt, now);
            _isFull = await IsFullAsync().WaitAsync(Deadlines.Answer, time, cancellationToken);
        }

        if (_isFull)
        {
            throw new StreamFullException();
        }
    }

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
