using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Removes entries that every group has acknowledged and that no live reader waits for any more.</summary>
/// <remarks>By id, never by length: <c>MAXLEN</c> would remove entries that nobody has stored yet.</remarks>
public sealed class StreamTrimmer(IConnectionMultiplexer redis, IOptions<IngestOptions> options, TimeProvider time)
{
    private readonly RedisKey _stream = options.Value.StreamKey;

    /// <summary>Trims once.</summary>
    /// <returns>The number of entries removed; 0 while the stream has no group.</returns>
    public async Task<long> TrimAsync()
    {
        var database = redis.GetDatabase();
        if (!await database.KeyExistsAsync(_stream))
        {
            return 0;
        }

        var floor = new StreamId((time.GetUtcNow() - options.Value.Retention).ToUnixTimeMilliseconds(), 0);
        var groups = await database.StreamGroupInfoAsync(_stream);
        if (groups.Length == 0)
        {
            return 0;
        }

        foreach (var group in groups)
        {
            // Read before the pending entries: whatever is delivered in between has a higher id.
            floor = StreamId.Min(floor, StreamId.Parse(group.LastDeliveredId!));
            var pending = await database.StreamPendingAsync(_stream, group.Name);
            if (pending.PendingMessageCount > 0)
            {
                floor = StreamId.Min(floor, StreamId.Parse(pending.LowestPendingMessageId!));
            }
        }

        return await database.StreamTrimByMinIdAsync(_stream, floor.ToString());
    }
}
