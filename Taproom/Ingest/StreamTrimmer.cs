using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Removes entries that every group has acknowledged and that no live reader waits for any more.</summary>
/// <remarks>By id, never by length: <c>MAXLEN</c> would remove entries that nobody has stored yet.</remarks>
public sealed class StreamTrimmer(IConnectionMultiplexer redis, IOptions<IngestOptions> options, TimeProvider time)
{
    private readonly RedisKey _stream = options.Value.StreamKey;

    // Up to where all was acknowledged, and when that was seen. The ids do not tell it: another program may append one of the future.
    private readonly Queue<(long Since, StreamId Floor)> _acknowledged = [];

    /// <summary>Trims once.</summary>
    /// <returns>The number of entries removed; 0 while the stream has no group.</returns>
    public async Task<long> TrimAsync()
    {
        if (await AcknowledgedAsync() is not { } acknowledged)
        {
            return 0;
        }

        _acknowledged.Enqueue((time.GetTimestamp(), acknowledged));
        StreamId? floor = null;
        while (_acknowledged.TryPeek(out var known) && time.GetElapsedTime(known.Since) >= options.Value.Retention)
        {
            floor = _acknowledged.Dequeue().Floor;
        }

        return floor is null ? 0 : await redis.GetDatabase().StreamTrimByMinIdAsync(_stream, $"{floor}");
    }

    /// <summary>The first entry that some group may still need; null while there is no group.</summary>
    private async Task<StreamId?> AcknowledgedAsync()
    {
        var database = redis.GetDatabase();
        if (!await database.KeyExistsAsync(_stream))
        {
            return null;
        }

        StreamId? floor = null;
        foreach (var group in await database.StreamGroupInfoAsync(_stream))
        {
            // Read before the pending entries: whatever is delivered in between has a higher id.
            var needed = StreamId.Parse(group.LastDeliveredId!);
            var pending = await database.StreamPendingAsync(_stream, group.Name);
            needed = pending.PendingMessageCount > 0 ? StreamId.Min(needed, StreamId.Parse(pending.LowestPendingMessageId!)) : needed;
            floor = StreamId.Min(floor ?? needed, needed);
        }

        return floor;
    }
}
