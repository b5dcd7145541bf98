using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>How the line stands: who works, what waits, and what has become of all that the front doors have accepted.</summary>
public sealed class IngestLine(IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    /// <summary>How long it holds that a bridge has said that it lives.</summary>
    public static readonly TimeSpan BridgeGoneAfter = TimeSpan.FromSeconds(30);

    // All of it at one moment, so that it adds up. Keys: account, leases, workers, bridges, streams; arguments: group, how many milliseconds
    // a worker's word and a bridge's word hold.
    private const string ReadScript =
        "#!lua flags=no-writes\n"
        + LuaFunctions.Named
        + """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            local account, holders = named(redis.call('HGETALL', KEYS[1])), named(redis.call('HGETALL', KEYS[2]))
            local accepted, partitions = account.accepted or 0, {}
            for i = 5, #KEYS do
                local partition = i - 5
                local waiting, oldest = 0, false
                local found = redis.pcall('XINFO', 'STREAM', KEYS[i])
                if not found.err then
                    local stream = named(found)
                    accepted = accepted + stream['entries-added']
                    waiting, oldest = stream.length, stream['first-entry'] and stream['first-entry'][1]
                    for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[i])) do
                        local group = named(info)
                        if group.name == ARGV[1] then
                            -- After a restart Redis tells too much lag for good (7.0).
                            local isRead = group['last-delivered-id'] == stream['last-generated-id']
                            waiting = isRead and 0 or math.min(group.lag or 0, stream.length)
                            if isRead then
                                oldest = false
                            else
                                local next = redis.call('XRANGE', KEYS[i], '(' .. group['last-delivered-id'], '+', 'COUNT', 1)[1]
                                oldest = next and next[1]
                            end
                        end
                    end
                end
                local age = oldest and math.max(0, now - tonumber(string.match(oldest, '^%d+'))) or false
                partitions[#partitions + 1] = { holders[tostring(partition)] or false, waiting, age }
            end
            return {
                tostring(accepted), account.stored or 0, account.repeated or 0, account.dead or 0, partitions,
                redis.call('ZRANGE', KEYS[3], '(' .. now - ARGV[2], '+inf', 'BYSCORE'),
                redis.call('ZRANGE', KEYS[4], '(' .. now - ARGV[3], '+inf', 'BYSCORE')
            }
            """;

    private readonly RedisKey[] _keys =
    [
        options.Value.AccountKey,
        options.Value.LeasesKey,
        options.Value.WorkersKey,
        options.Value.BridgesKey,
        .. options.Value.StreamKeys(),
    ];

    /// <summary>Reads how the line stands, all of it as of one moment.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<LineState> ReadAsync()
    {
        var state = await redis
            .GetDatabase()
            .ScriptEvaluateReadOnlyAsync(
                ReadScript,
                _keys,
                [IngestOptions.StoreGroup, (long)PartitionLeases.GoneAfter.TotalMilliseconds, (long)BridgeGoneAfter.TotalMilliseconds]
            )
            .WaitAsync(Deadlines.Lookup);
        var (workers, bridges) = ((string[])state[5]!, (string[])state[6]!);
        return new LineState(
            [.. ((RedisResult[])state[4]!).Select((partition, number) => PartitionOf(number, partition, workers))],
            (long)state[0],
            (long)state[1],
            (long)state[2],
            (long)state[3],
            workers,
            bridges
        );
    }

    private static PartitionState PartitionOf(int number, RedisResult state, string[] workers)
    {
        var (worker, age) = ((string?)state[0], (long?)state[2]);
        // The lease of a worker that has died is there until another one takes it.
        return new PartitionState(
            number,
            workers.Contains(worker) ? worker : null,
            (long)state[1],
            age is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null
        );
    }
}

/// <summary>How the line stands at one moment: accepted = stored + repeated + dead + waiting.</summary>
/// <param name="Partitions">Each partition, in order.</param>
/// <param name="Accepted">Entries that the front doors have appended, ever.</param>
/// <param name="Stored">Of these, those stored as something new.</param>
/// <param name="Repeated">Those that were stored before: sent again by a tap, or given out again after a failure.</param>
/// <param name="Dead">Those set aside as dead letters, whether or not they are still there.</param>
/// <param name="Workers">Names of the workers that live.</param>
/// <param name="Bridges">Names of the bridges that live.</param>
public sealed record LineState(
    IReadOnlyList<PartitionState> Partitions,
    long Accepted,
    long Stored,
    long Repeated,
    long Dead,
    IReadOnlyList<string> Workers,
    IReadOnlyList<string> Bridges
)
{
    /// <summary>Entries that wait to be stored, in all partitions.</summary>
    public long Waiting => Partitions.Sum(partition => partition.Waiting);
}

/// <summary>How one partition stands.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Worker">Name of the living worker that has it; null while none has.</param>
/// <param name="Waiting">Entries that wait to be stored, those that are just being stored too.</param>
/// <param name="OldestAge">How long the oldest of them has waited; null when none waits.</param>
public sealed record PartitionState(int Number, string? Worker, long Waiting, TimeSpan? OldestAge);
