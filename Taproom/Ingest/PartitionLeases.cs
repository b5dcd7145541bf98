using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Which worker holds which partition, in Redis: one at a time, spread evenly over the workers that live.</summary>
/// <remarks>
/// A worker repeats every <see cref="Period"/> that it lives. What one holds that has not said so for <see cref="GoneAfter"/> is free:
/// the others have it within five seconds.
/// </remarks>
public sealed class PartitionLeases(IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    /// <summary>How often a worker says that it lives.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long that holds.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(3);

    // By the clock of Redis, which all share; a word from the future is none, since that clock was set back. Each worker's share follows from
    // its place among the names of those that live. Allowed when Redis is full, too: only workers can make room.
    private const string RenewScript = """
        #!lua flags=allow-oom
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZADD', KEYS[2], now, ARGV[1])
        local seen, workers = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES'), {}
        for i = 1, #seen, 2 do
            if math.abs(seen[i + 1] - now) < tonumber(ARGV[2]) then
                workers[#workers + 1] = seen[i]
            else
                redis.call('ZREM', KEYS[2], seen[i])
            end
        end
        table.sort(workers)
        local lives, place = {}, 0
        for i, worker in ipairs(workers) do
            lives[worker] = true
            if worker == ARGV[1] then place = i end
        end
        local partitions = tonumber(ARGV[3])
        local share = math.floor(partitions / #workers)
        if place <= partitions % #workers then share = share + 1 end
        local held, free, all = {}, {}, {}
        for partition = 0, partitions - 1 do all[#all + 1] = partition end
        local holders = redis.call('HMGET', KEYS[1], unpack(all))
        for _, partition in ipairs(all) do
            local holder = holders[partition + 1]
            if holder == ARGV[1] then
                held[#held + 1] = partition
            elseif not (holder and lives[holder]) then
                free[#free + 1] = partition
            end
        end
        for i = 1, math.min(#free, share - #held) do
            redis.call('HSET', KEYS[1], free[i], ARGV[1])
            held[#held + 1] = free[i]
        end
        return { share, unpack(held) }
        """;

    private const string ReleaseScript = """
        if redis.call('HGET', KEYS[1], ARGV[2]) == ARGV[1] then redis.call('HDEL', KEYS[1], ARGV[2]) end
        """;

    private readonly RedisKey _workers = options.Value.WorkersKey;
    private volatile int[] _held = [];

    /// <summary>This worker's name, unique among those on any number of machines.</summary>
    public string Worker { get; } = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";

    /// <summary>Key of the hash that has the holder's name for each partition.</summary>
    internal RedisKey Key { get; } = options.Value.LeasesKey;

    /// <summary>The partitions that this worker held when it asked last.</summary>
    public IReadOnlyList<int> Held => _held;

    /// <summary>Says that this worker lives, and takes free partitions up to its share.</summary>
    /// <returns>How many partitions are its share; it should release what it holds beyond that.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<int> RenewAsync()
    {
        var reply = await redis
            .GetDatabase()
            .ScriptEvaluateAsync(RenewScript, [Key, _workers], [Worker, (long)GoneAfter.TotalMilliseconds, options.Value.Partitions])
            .WaitAsync(Deadlines.Answer);
        var numbers = (int[])reply!;
        _held = numbers[1..];
        return numbers[0];
    }

    /// <summary>Gives back a partition that this worker does not read any more.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public Task ReleaseAsync(int partition) =>
        redis.GetDatabase().ScriptEvaluateAsync(ReleaseScript, [Key], [Worker, partition]).WaitAsync(Deadlines.Answer);

    /// <summary>This worker stops: what it holds is free at once.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public Task LeaveAsync() => redis.GetDatabase().SortedSetRemoveAsync(_workers, Worker).WaitAsync(Deadlines.Answer);
}
