namespace StackExchange.Redis;

/// <summary>The consumer-group calls that version 2 has on a database, a batch and a transaction, for a version that has none.</summary>
public static class StreamGroupExtensions
{
    /// <summary>XGROUP CREATE: true when the group was made. <paramref name="position"/> null means only new entries.</summary>
    /// <exception cref="RedisServerException">The group exists (its message starts with <c>BUSYGROUP</c>), or there is no stream.</exception>
    public static async Task<bool> StreamCreateConsumerGroupAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue groupName,
        RedisValue? position = null,
        bool createStream = true,
        CommandFlags flags = CommandFlags.None)
    {
        var start = StreamPosition.ForGroupStart(position ?? StreamPosition.NewMessages);
        var command = new List<object> { "CREATE", key, groupName, start };
        if (createStream)
        {
            command.Add("MKSTREAM");
        }

        return (string)await database.SendAsync("XGROUP", command, flags).ConfigureAwait(false) == "OK";
    }

    /// <summary>XGROUP SETID: moves the group's last delivered id.</summary>
    public static async Task<bool> StreamConsumerGroupSetPositionAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue groupName, RedisValue position, CommandFlags flags = CommandFlags.None)
    {
        var start = StreamPosition.ForGroupStart(position);
        return (string)await database.SendAsync("XGROUP", ["SETID", key, groupName, start], flags).ConfigureAwait(false) == "OK";
    }

    /// <summary>XGROUP DESTROY: true when there was such a group.</summary>
    public static async Task<bool> StreamDeleteConsumerGroupAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue groupName, CommandFlags flags = CommandFlags.None)
        => await StreamExtensions.Number(database.SendAsync("XGROUP", ["DESTROY", key, groupName], flags)).ConfigureAwait(false) == 1;

    /// <summary>XGROUP DELCONSUMER: removes a consumer and returns how many pending entries went with it.</summary>
    public static Task<long> StreamDeleteConsumerAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue groupName, RedisValue consumerName, CommandFlags flags = CommandFlags.None)
        => StreamExtensions.Number(database.SendAsync("XGROUP", ["DELCONSUMER", key, groupName, consumerName], flags));

    /// <summary>
    /// XREADGROUP: entries that no consumer had yet when <paramref name="position"/> is null or
    /// <see cref="StreamPosition.NewMessages"/>, else this consumer's own pending ones after that id. Empty when there are none.
    /// </summary>
    /// <exception cref="RedisServerException">There is no such group (its message starts with <c>NOGROUP</c>).</exception>
    public static async Task<StreamEntry[]> StreamReadGroupAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue groupName,
        RedisValue consumerName,
        RedisValue? position = null,
        int? count = null,
        bool noAck = false,
        TimeSpan? claimMinIdleTime = null,
        CommandFlags flags = CommandFlags.None)
    {
        var command = GroupRead(groupName, consumerName, count, noAck, claimMinIdleTime);
        command.AddRange([key, StreamPosition.ForGroupRead(position ?? StreamPosition.NewMessages)]);
        return StreamReplies.SingleStream(await database.SendAsync("XREADGROUP", command, flags).ConfigureAwait(false));
    }

    /// <summary>XREADGROUP over several streams; a stream without entries is left out.</summary>
    public static async Task<RedisStream[]> StreamReadGroupAsync(
        this IDatabaseAsync database,
        StreamPosition[] streamPositions,
        RedisValue groupName,
        RedisValue consumerName,
        int? countPerStream = null,
        bool noAck = false,
        TimeSpan? claimMinIdleTime = null,
        CommandFlags flags = CommandFlags.None)
    {
        ArgumentNullException.ThrowIfNull(streamPositions);
        var command = GroupRead(groupName, consumerName, countPerStream, noAck, claimMinIdleTime);
        command.AddRange(streamPositions.Select(stream => (object)stream.Key));
        command.AddRange(streamPositions.Select(stream => (object)StreamPosition.ForGroupRead(stream.Position)));
        return StreamReplies.Streams(await database.SendAsync("XREADGROUP", command, flags).ConfigureAwait(false));
    }

    /// <summary>XACK: how many of one entry were pending (0 or 1).</summary>
    public static Task<long> StreamAcknowledgeAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue groupName, RedisValue messageId, CommandFlags flags = CommandFlags.None)
        => database.StreamAcknowledgeAsync(key, groupName, [messageId], flags);

    /// <summary>XACK: how many of the entries were pending.</summary>
    public static Task<long> StreamAcknowledgeAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue groupName, RedisValue[] messageIds, CommandFlags flags = CommandFlags.None)
        => StreamExtensions.Number(database.SendAsync("XACK", [key, groupName, .. StreamExtensions.Boxed(messageIds)], flags));

    /// <summary>XPENDING, the summary.</summary>
    public static async Task<StreamPendingInfo> StreamPendingAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue groupName, CommandFlags flags = CommandFlags.None)
        => StreamReplies.Pending(await database.SendAsync("XPENDING", [key, groupName], flags).ConfigureAwait(false));

    /// <summary>XPENDING, entry by entry; a null <paramref name="consumerName"/> means all consumers.</summary>
    public static async Task<StreamPendingMessageInfo[]> StreamPendingMessagesAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue groupName,
        int count,
        RedisValue consumerName,
        RedisValue? minId = null,
        RedisValue? maxId = null,
        long? minIdleTimeInMs = null,
        CommandFlags flags = CommandFlags.None)
    {
        if (count <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(count), "count must be greater than 0.");
        }

        var command = new List<object> { key, groupName };
        if (minIdleTimeInMs is { } idle)
        {
            command.AddRange(["IDLE", idle]);
        }

        command.AddRange([minId ?? "-", maxId ?? "+", count]);
        if (!consumerName.IsNull)
        {
            command.Add(consumerName);
        }

        var reply = await database.SendAsync("XPENDING", command, flags).ConfigureAwait(false);
        return Array.ConvertAll(StreamReplies.Items(reply), StreamReplies.PendingMessage);
    }

    /// <summary>XCLAIM: takes over named pending entries that were idle for long enough, and returns those it got.</summary>
    public static async Task<StreamEntry[]> StreamClaimAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue consumerGroup,
        RedisValue claimingConsumer,
        long minIdleTimeInMs,
        RedisValue[] messageIds,
        CommandFlags flags = CommandFlags.None)
    {
        object[] command = [key, consumerGroup, claimingConsumer, minIdleTimeInMs, .. StreamExtensions.Boxed(messageIds)];
        return StreamReplies.Entries(await database.SendAsync("XCLAIM", command, flags).ConfigureAwait(false));
    }

    /// <summary>XAUTOCLAIM: takes over pending entries from <paramref name="startAtId"/> on that were idle for long enough.</summary>
    public static async Task<StreamAutoClaimResult> StreamAutoClaimAsync(
        this IDatabaseAsync database,
        RedisKey key,
        RedisValue consumerGroup,
        RedisValue claimingConsumer,
        long minIdleTimeInMs,
        RedisValue startAtId,
        int? count = null,
        CommandFlags flags = CommandFlags.None)
    {
        var command = new List<object> { key, consumerGroup, claimingConsumer, minIdleTimeInMs, startAtId };
        StreamExtensions.AddCount(command, count);
        return StreamReplies.AutoClaim(await database.SendAsync("XAUTOCLAIM", command, flags).ConfigureAwait(false));
    }

    /// <summary>XINFO GROUPS.</summary>
    /// <exception cref="RedisServerException">There is no such stream.</exception>
    public static async Task<StreamGroupInfo[]> StreamGroupInfoAsync(
        this IDatabaseAsync database, RedisKey key, CommandFlags flags = CommandFlags.None)
    {
        var reply = await database.SendAsync("XINFO", ["GROUPS", key], flags).ConfigureAwait(false);
        return Array.ConvertAll(StreamReplies.Items(reply), StreamReplies.Group);
    }

    /// <summary>XINFO CONSUMERS.</summary>
    /// <exception cref="RedisServerException">There is no such stream or group.</exception>
    public static async Task<StreamConsumerInfo[]> StreamConsumerInfoAsync(
        this IDatabaseAsync database, RedisKey key, RedisValue groupName, CommandFlags flags = CommandFlags.None)
    {
        var reply = await database.SendAsync("XINFO", ["CONSUMERS", key, groupName], flags).ConfigureAwait(false);
        return Array.ConvertAll(StreamReplies.Items(reply), StreamReplies.Consumer);
    }

    private static List<object> GroupRead(
        RedisValue groupName, RedisValue consumerName, int? count, bool noAck, TimeSpan? claimMinIdleTime)
    {
        if (claimMinIdleTime is not null)
        {
            throw new NotSupportedException(
                "The stand-in Aspire.StackExchange.Redis does not support StreamReadGroupAsync with claimMinIdleTime; "
                + "it needs Redis 8.4 and the real package.");
        }

        var command = new List<object> { "GROUP", groupName, consumerName };
        StreamExtensions.AddCount(command, count);
        if (noAck)
        {
            command.Add("NOACK");
        }

        command.Add("STREAMS");
        return command;
    }
}
