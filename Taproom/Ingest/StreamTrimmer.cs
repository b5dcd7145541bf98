using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Removes entries that every group has acknowledged and that no live reader waits for any more.</summary>
/// <remarks>By id, never by length: <c>MAXLEN</c> would remove entries that nobody has stored yet.</remarks>
public sealed class StreamTrimmer(IConnectionMultiplexer redis, IOptions<IngestOptions> options, TimeProvider time)
{
    // Up to where all of a partition was acknowledged, and when that was seen. The ids do not tell it: another program may append one of the future.
    private readonly Dictionary<int, Queue<(long Since, StreamId Floor)>> _acknowledged = [];

    /// <summary>Trims a partition once.</summary>
    /// <returns>The number of entries removed; 0 while its stream has no group.</returns>
    public async Task<long> TrimAsync(int partition)
    {
        var stream = options.Value.StreamKeys()[partition];
        if (await AcknowledgedAsync(stream) is not { } acknowledged)
        {
            return 0;
        }

        var seen = CollectionsMarshal.GetValueRefOrAddDefault(_acknowledged, partition, out _) ??= [];
        if (seen.Count == 0 || seen.Last().Floor != acknowledged)
        {
            seen.Enqueue((time.GetTimestamp(), acknowledged));
        }

        StreamId? floor = null;
        while (seen.TryPeek(out var known) && time.GetElapsedTime(known.Since) >= options.Value.Retention)
        {
            floor = seen.Dequeue().Floor;
        }

        return floor is null ? 0 : await redis.GetDatabase().StreamTrimByMinIdAsync(stream, $"{floor}");
    }

    /// <summary>The first entry that some group may still need; null while there is no group.</summary>
    private async Task<StreamId?> AcknowledgedAsync(RedisKey stream)
    {
        try
        {
            var positions = (await redis.GetDatabase().StreamGroupInfoAsync(stream)).Select(group => StreamId.Parse(group.LastDeliveredId!)).ToList();
            return positions.Count > 0 ? positions.Aggregate(StreamId.Min) : null;
        }
        catch (RedisServerException ex) when (ex.Message.Contains(ConsumerGroup.NoSuchKey, StringComparison.Ordinal))
        {
            return null;
        }
    }
}
