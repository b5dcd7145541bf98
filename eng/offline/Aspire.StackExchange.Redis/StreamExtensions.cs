namespace StackExchange.Redis;

/// <summary>The stream calls that version 2 has on a database, a batch and a transaction, for a version that has none.</summary>
public static class StreamExtensions
{
    /// <summary>XADD: appends an entry and returns its id.</summary>
    public static Task<RedisValue> StreamAddAsync(
        this IDatabaseAsync database,
        RedisKey key,
        NameValueEntry[] streamPairs,
        RedisValue? messageId = null,
        long? maxLength = null,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode trimMode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None)
    {
        ArgumentNullException.ThrowIfNull(streamPairs);
        if (streamPairs.Length == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(streamPairs), "streamPairs must contain at least one item.");
        }

        var command = new List<object>((2 * streamPairs.Length) + 8) { key };
        if (maxLength is { } length)
        {
            AddTrim(command, "MAXLEN", length, useApproximateMaxLength, limit, trimMode);
        }

        command.Add(messageId ?? "*");
        foreach (var pair in streamPairs)
        {
            command.Add(pair.Name);
            command.Add(pair.Value);
        }

        return Value(database.SendAsync("XADD", command, flags));
    }

    /// <summary>XADD: appends an entry of one field and returns its id.</summary>
    public static Task<RedisValue> StreamAddAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue streamField,
        RedisValue streamValue,
        RedisValue? messageId = null,
        long? maxLength = null,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode trimMode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None)
        => database.StreamAddAsync(
            key, [new NameValueEntry(streamField, streamValue)], messageId, maxLength, useApproximateMaxLength, limit, trimMode, flags);

    /// <summary>XREAD: the entries after <paramref name="position"/>, oldest first; empty when there are none. Never blocks.</summary>
    /// <exception cref="InvalidOperationException"><paramref name="position"/> is <see cref="StreamPosition.NewMessages"/>.</exception>
    public static async Task<StreamEntry[]> StreamReadAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue position, int? count = null, CommandFlags flags = CommandFlags.None)
    {
        var command = new List<object>(5);
        AddCount(command, count);
        command.AddRange(["STREAMS", key, StreamPosition.ForRead(position)]);
        return StreamReplies.SingleStream(await database.SendAsync("XREAD", command, flags).ConfigureAwait(false));
    }

    /// <summary>XREAD over several streams; a stream without new entries is left out.</summary>
    public static async Task<RedisStream[]> StreamReadAsync(
        this IDatabaseAsync database, StreamPosition[] streamPositions, int? countPerStream = null, CommandFlags flags = CommandFlags.None)
    {
        ArgumentNullException.ThrowIfNull(streamPositions);
        var command = new List<object>();
        AddCount(command, countPerStream);
        command.Add("STREAMS");
        command.AddRange(streamPositions.Select(stream => (object)stream.Key));
        command.AddRange(streamPositions.Select(stream => (object)StreamPosition.ForRead(stream.Position)));
        return StreamReplies.Streams(await database.SendAsync("XREAD", command, flags).ConfigureAwait(false));
    }

    /// <summary>XRANGE, or XREVRANGE for descending order: the entries between two ids, both included.</summary>
    public static async Task<StreamEntry[]> StreamRangeAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue? minId = null,
        RedisValue? maxId = null,
        int? count = null,
        Order messageOrder = Order.Ascending,
        CommandFlags flags = CommandFlags.None)
    {
        var (low, high) = ((object)(minId ?? "-"), (object)(maxId ?? "+"));
        var command = messageOrder == Order.Ascending ? new List<object> { key, low, high } : [key, high, low];
        AddCount(command, count);
        var name = messageOrder == Order.Ascending ? "XRANGE" : "XREVRANGE";
        return StreamReplies.Entries(await database.SendAsync(name, command, flags).ConfigureAwait(false));
    }

    /// <summary>XLEN: how many entries the stream holds.</summary>
    public static Task<long> StreamLengthAsync(this IDatabaseAsync database, RedisKey key, CommandFlags flags = CommandFlags.None)
        => Number(database.SendAsync("XLEN", [key], flags));

    /// <summary>XDEL: removes entries and returns how many there were.</summary>
    public static Task<long> StreamDeleteAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue[] messageIds, CommandFlags flags = CommandFlags.None)
        => Number(database.SendAsync("XDEL", [key, .. Boxed(messageIds)], flags));

    /// <summary>XTRIM MAXLEN: removes the oldest entries beyond a length and returns how many went.</summary>
    public static Task<long> StreamTrimAsync(
        this IDatabaseAsync database,
        RedisKey key,
        long maxLength,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode mode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None)
    {
        var command = new List<object> { key };
        AddTrim(command, "MAXLEN", maxLength, useApproximateMaxLength, limit, mode);
        return Number(database.SendAsync("XTRIM", command, flags));
    }

    /// <summary>XTRIM MINID: removes the entries before an id and returns how many went.</summary>
    public static Task<long> StreamTrimByMinIdAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue minId,
        bool useApproximateMaxLength = false,
        long? limit = null,
        StreamTrimMode mode = StreamTrimMode.KeepReferences,
        CommandFlags flags = CommandFlags.None)
    {
        var command = new List<object> { key };
        AddTrim(command, "MINID", minId, useApproximateMaxLength, limit, mode);
        return Number(database.SendAsync("XTRIM", command, flags));
    }

    /// <summary>XINFO STREAM.</summary>
    /// <exception cref="RedisServerException">There is no such stream.</exception>
    public static async Task<StreamInfo> StreamInfoAsync(this IDatabaseAsync database, RedisKey key, CommandFlags flags = CommandFlags.None)
        => StreamReplies.Info(await database.SendAsync("XINFO", ["STREAM", key], flags).ConfigureAwait(false));

    internal static void AddCount(List<object> command, int? count)
    {
        if (count is not { } limit)
        {
            return;
        }

        if (limit <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(count), "count must be greater than 0.");
        }

        command.Add("COUNT");
        command.Add(limit);
    }

    internal static IEnumerable<object> Boxed(RedisValue[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Length > 0
            ? values.Select(value => (object)value)
            : throw new ArgumentOutOfRangeException(nameof(values), "At least one id is needed.");
    }

    // A fire-and-forget command completes with no reply at all.
    internal static async Task<long> Number(Task<RedisResult> reply) => await reply.ConfigureAwait(false) is { } result ? (long)result : 0;

    private static async Task<RedisValue> Value(Task<RedisResult> reply)
        => await reply.ConfigureAwait(false) is { } result ? (RedisValue)result : RedisValue.Null;

    private static void AddTrim(
        List<object> command, string strategy, RedisValue threshold, bool approximate, long? limit, StreamTrimMode mode)
    {
        if (mode != StreamTrimMode.KeepReferences)
        {
            throw new NotSupportedException(
                $"The stand-in Aspire.StackExchange.Redis does not support StreamTrimMode.{mode}; it needs Redis 8.2 and the real package.");
        }

        command.Add(strategy);
        if (approximate)
        {
            command.Add("~");
        }

        command.Add(threshold);
        if (limit is { } most)
        {
            command.Add("LIMIT");
            command.Add(most);
        }
    }
}
