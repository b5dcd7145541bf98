using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Signals;

/// <summary>Which taps have a connection to some bridge, or are online at the broker that bridges have joined, in Redis.</summary>
/// <remarks>
/// A bridge repeats what it says every <see cref="Period"/>; what is not repeated for <see cref="GoneAfter"/> no longer holds, so
/// taps do not stay online when a bridge is killed. A tap that has left is remembered, to tell it from one that never came.
/// </remarks>
public sealed class TapPresence(IConnectionMultiplexer redis, IOptions<IngestOptions> options, TimeProvider time)
{
    /// <summary>How often a bridge says which taps it has.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>How long that holds.</summary>
    public static readonly TimeSpan GoneAfter = IngestLine.BridgeGoneAfter;

    // How long a tap that pours over HTTP counts as online.
    private static readonly TimeSpan OnlineAfterPour = TimeSpan.FromMinutes(5);

    /// <summary>Taps in one call of the script, so that it does not keep Redis from others for long.</summary>
    private const int TapsInOneCall = 1_000;

    // A field a tap: which bridges have it and when each has said so last, as "bridge=ms;bridge=ms"; empty when none has. One bridge's
    // word changes nothing of what the others say.
    private const string SayScript = """
        for i = 4, #ARGV do
            local said = ARGV[2] == '' and {} or { ARGV[1] .. '=' .. ARGV[2] }
            for bridge, at in string.gmatch(redis.call('HGET', KEYS[1], ARGV[i]) or '', '(%w+)=(%d+)') do
                if bridge ~= ARGV[1] and tonumber(at) >= tonumber(ARGV[3]) then
                    said[#said + 1] = bridge .. '=' .. at
                end
            end
            redis.call('HSET', KEYS[1], ARGV[i], table.concat(said, ';'))
        end
        """;

    // By the clock of Redis, which all share.
    private const string LivesScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZADD', KEYS[1], now, ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - ARGV[2])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[2], '+inf')
        """;

    private readonly RedisValue _bridge = Guid.NewGuid().ToString("N");
    private readonly RedisValue _name = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly RedisKey _key = options.Value.PresenceKey;
    private readonly RedisKey _bridges = options.Value.BridgesKey;

    private long Oldest => (time.GetUtcNow() - GoneAfter).ToUnixTimeMilliseconds();

    /// <summary>Whether a tap counts as online: it is connected, or was never connected and has poured within the last five minutes.</summary>
    /// <param name="isConnected">Whether it is connected; null when it never was.</param>
    /// <param name="lastPourAt">When its newest pour was received; null before the first.</param>
    /// <param name="now">The time.</param>
    public static bool IsOnline(bool? isConnected, DateTimeOffset? lastPourAt, DateTimeOffset now) =>
        isConnected ?? now - lastPourAt < OnlineAfterPour;

    /// <summary>These taps are connected to this bridge now.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task ConnectedAsync(IEnumerable<int> tapIds) => SayAsync(tapIds, time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>This bridge lives; said every <see cref="Period"/>, with or without taps.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task LivesAsync() => redis.GetDatabase().ScriptEvaluateAsync(LivesScript, [_bridges], [_name, (long)GoneAfter.TotalMilliseconds]);

    /// <summary>This bridge stops.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task LeavesAsync() => redis.GetDatabase().SortedSetRemoveAsync(_bridges, _name);

    /// <summary>A tap is connected to this bridge no longer; it may be to another.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task DisconnectedAsync(int tapId) => SayAsync([tapId], "");

    /// <summary>Forgets a tap that was removed.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task ForgetAsync(int tapId) => redis.GetDatabase().HashDeleteAsync(_key, tapId);

    /// <summary>Those of the given taps that have ever been connected, and whether they are so now.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<IReadOnlyDictionary<int, bool>> FindAsync(IReadOnlyList<int> tapIds)
    {
        if (tapIds.Count == 0)
        {
            return new Dictionary<int, bool>();
        }

        var said = await redis.GetDatabase().HashGetAsync(_key, [.. tapIds.Select(tapId => (RedisValue)tapId)]).WaitAsync(Deadlines.Lookup, time);
        return tapIds.Zip(said).Where(field => !field.Second.IsNull).ToDictionary(field => field.First, field => Holds(field.Second));
    }

    /// <summary>Every tap that has ever been connected, and whether it is so now.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<IReadOnlyDictionary<int, bool>> AllAsync()
    {
        var said = await redis.GetDatabase().HashGetAllAsync(_key).WaitAsync(Deadlines.Lookup, time);
        return said.Where(field => field.Name.TryParse(out int _)).ToDictionary(field => (int)field.Name, field => Holds(field.Value));
    }

    private async Task SayAsync(IEnumerable<int> tapIds, RedisValue at) =>
        await Task.WhenAll(
            tapIds
                .Chunk(TapsInOneCall)
                .Select(taps =>
                    redis.GetDatabase().ScriptEvaluateAsync(SayScript, [_key], [_bridge, at, Oldest, .. taps.Select(tapId => (RedisValue)tapId)])
                )
        );

    private bool Holds(RedisValue said) =>
        ((string?)said ?? "")
            .Split(';')
            .Any(bridge =>
                long.TryParse(
                    bridge.AsSpan(bridge.IndexOf('=', StringComparison.Ordinal) + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var at
                )
                && at >= Oldest
            );
}
