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
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(30);

    // Earlier than any time that a bridge can have said it.
    private static readonly RedisValue Left = 0;

    private readonly RedisKey _key = options.Value.PresenceKey;

    /// <summary>These taps are connected now.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task ConnectedAsync(IEnumerable<int> tapIds)
    {
        RedisValue now = time.GetUtcNow().ToUnixTimeMilliseconds();
        HashEntry[] fields = [.. tapIds.Select(tapId => new HashEntry(tapId, now))];
        return fields.Length == 0 ? Task.CompletedTask : redis.GetDatabase().HashSetAsync(_key, fields);
    }

    /// <summary>A tap is connected no longer.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task DisconnectedAsync(int tapId) => redis.GetDatabase().HashSetAsync(_key, tapId, Left);

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

    private bool Holds(RedisValue said) =>
        long.TryParse((string?)said, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at >= (time.GetUtcNow() - GoneAfter).ToUnixTimeMilliseconds();
}
