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

    /// <summary>Most changes that are kept of a tap.</summary>
    public const int MaxChanges = 200;

    private static readonly TimeSpan ChangesKept = TimeSpan.FromDays(90);

    /// <summary>Taps in one call of the script, so that it does not keep Redis from others for long.</summary>
    private const int TapsInOneCall = 1_000;

    // A field a tap: which bridges have it and when each has said so last, as "bridge=ms;bridge=ms"; empty when none has. One bridge's
    // word changes nothing of what the others say. Whatever makes a tap come or go is put on the list of its changes in the same step; a tap
    // whose bridges were killed went when they were last heard of.
    private const string SayScript = """
        local now, oldest = ARGV[2], tonumber(ARGV[4])
        local function put(key, state, at)
            redis.call('LPUSH', key, state .. '=' .. at)
            redis.call('LTRIM', key, 0, ARGV[5] - 1)
            redis.call('EXPIRE', key, ARGV[6])
        end
        for i = 7, #ARGV do
            local said = ARGV[3] == '1' and { ARGV[1] .. '=' .. now } or {}
            local before, last = false, nil
            for bridge, at in string.gmatch(redis.call('HGET', KEYS[1], ARGV[i]) or '', '(%w+)=(%d+)') do
                if tonumber(at) >= oldest then
                    before = true
                    if bridge ~= ARGV[1] then
                        said[#said + 1] = bridge .. '=' .. at
                    end
                elseif not last or tonumber(at) > tonumber(last) then
                    last = at
                end
            end
            local changes = KEYS[i - 5]
            if not before and last then
                put(changes, '0', last)
            end
            if before ~= (#said > 0) then
                put(changes, before and '0' or '1', now)
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

    private readonly BridgeName _bridge = BridgeName.New();
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
    public Task ConnectedAsync(IEnumerable<int> tapIds) => SayAsync(tapIds, isConnected: true);

    /// <summary>This bridge lives; said every <see cref="Period"/>, with or without taps.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task LivesAsync() => redis.GetDatabase().ScriptEvaluateAsync(LivesScript, [_bridges], [_bridge.Full, (long)GoneAfter.TotalMilliseconds]);

    /// <summary>This bridge stops.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task LeavesAsync() => redis.GetDatabase().SortedSetRemoveAsync(_bridges, _bridge.Full);

    /// <summary>A tap is connected to this bridge no longer; it may be to another.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task DisconnectedAsync(int tapId) => SayAsync([tapId], isConnected: false);

    /// <summary>Forgets a tap that was removed, and when it came and went.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task ForgetAsync(int tapId)
    {
        await redis.GetDatabase().HashDeleteAsync(_key, tapId);
        await redis.GetDatabase().KeyDeleteAsync(ChangesOf(tapId));
    }

    /// <summary>When a tap came and went, newest first: the last <see cref="MaxChanges"/> changes, each kept for 90 days at least.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<IReadOnlyList<PresenceChange>> ChangesAsync(int tapId)
    {
        var database = redis.GetDatabase();
        var said = await database.HashGetAsync(_key, tapId).WaitAsync(Deadlines.Lookup, time);
        var lines = await database.ListRangeAsync(ChangesOf(tapId)).WaitAsync(Deadlines.Lookup, time);
        List<PresenceChange> changes = [.. lines.Select(PresenceChange.Parse).OfType<PresenceChange>()];
        // Nobody has said that it left: its bridges were killed. The next word of any bridge about it writes this down.
        if (changes is [{ IsOnline: true }, ..] && TimesOf(said) is [_, ..] times && times.Max() is var last && last < Oldest)
        {
            changes.Insert(0, new PresenceChange(false, DateTimeOffset.FromUnixTimeMilliseconds(last)));
        }

        return changes;
    }

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

    /// <summary>How many taps are connected now, in all and to each bridge.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<TapConnections> CountAsync()
    {
        var said = await redis.GetDatabase().HashGetAllAsync(_key).WaitAsync(Deadlines.Lookup, time);
        var oldest = Oldest;
        List<IReadOnlyList<string>> taps =
        [
            .. said.Where(field => field.Name.TryParse(out int _))
                .Select(field => WordsOf(field.Value).Where(word => word.At >= oldest).Select(word => word.Bridge).ToList()),
        ];
        return new TapConnections(
            taps.Count(bridges => bridges.Count > 0),
            taps.SelectMany(bridges => bridges).CountBy(bridge => bridge).ToDictionary()
        );
    }

    private async Task SayAsync(IEnumerable<int> tapIds, bool isConnected) =>
        await Task.WhenAll(
            tapIds
                .Chunk(TapsInOneCall)
                .Select(taps =>
                    redis
                        .GetDatabase()
                        .ScriptEvaluateAsync(
                            SayScript,
                            [_key, .. taps.Select(ChangesOf)],
                            [
                                _bridge.Id,
                                time.GetUtcNow().ToUnixTimeMilliseconds(),
                                isConnected,
                                Oldest,
                                MaxChanges,
                                (long)ChangesKept.TotalSeconds,
                                .. taps.Select(tapId => (RedisValue)tapId),
                            ]
                        )
                )
        );

    // In braces, so that a cluster has it where the hash is.
    private RedisKey ChangesOf(int tapId) => $"{{{options.Value.PresenceKey}}}:{tapId}";

    private bool Holds(RedisValue said) => TimesOf(said).Any(at => at >= Oldest);

    private static List<long> TimesOf(RedisValue said) => [.. WordsOf(said).Select(word => word.At)];

    // What the script wrote; what is not of its shape is left out.
    private static IEnumerable<(string Bridge, long At)> WordsOf(RedisValue said)
    {
        foreach (var word in ((string?)said ?? "").Split(';'))
        {
            var sign = word.IndexOf('=', StringComparison.Ordinal);
            if (long.TryParse(word.AsSpan(sign + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            {
                yield return (word[..Math.Max(0, sign)], at);
            }
        }
    }
}
