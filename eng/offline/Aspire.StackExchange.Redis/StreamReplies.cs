namespace StackExchange.Redis;

/// <summary>Turns raw replies of the stream commands into their types.</summary>
internal static class StreamReplies
{
    public static StreamEntry[] Entries(RedisResult reply) => Array.ConvertAll(Items(reply), Entry);

    public static StreamEntry Entry(RedisResult reply)
    {
        if (reply.IsNull)
        {
            return StreamEntry.Null;
        }

        var parts = Items(reply);
        return new StreamEntry((RedisValue)parts[0], Fields(parts[1]));
    }

    public static RedisStream[] Streams(RedisResult reply)
        => Array.ConvertAll(Items(reply), stream =>
        {
            var parts = Items(stream);
            return new RedisStream((RedisKey)parts[0], Entries(parts[1]));
        });

    public static StreamEntry[] SingleStream(RedisResult reply) => Streams(reply) is [var stream, ..] ? stream.Entries : [];

    public static StreamAutoClaimResult AutoClaim(RedisResult reply)
    {
        var parts = Items(reply);
        if (parts.Length < 2)
        {
            return StreamAutoClaimResult.Null;
        }

        // Redis 6.2 has no third element and leaves deleted entries as nulls among the claimed ones.
        var claimed = Entries(parts[1]).Where(entry => !entry.IsNull).ToArray();
        return new StreamAutoClaimResult((RedisValue)parts[0], claimed, parts.Length > 2 ? (RedisValue[])parts[2] : []);
    }

    public static StreamPendingInfo Pending(RedisResult reply)
    {
        var parts = Items(reply);
        var consumers = Array.ConvertAll(Items(parts[3]), consumer =>
        {
            var pair = Items(consumer);
            return new StreamConsumer((RedisValue)pair[0], (int)pair[1]);
        });
        return new StreamPendingInfo((int)parts[0], (RedisValue)parts[1], (RedisValue)parts[2], consumers);
    }

    public static StreamPendingMessageInfo PendingMessage(RedisResult reply)
    {
        var parts = Items(reply);
        return new StreamPendingMessageInfo((RedisValue)parts[0], (RedisValue)parts[1], (long)parts[2], (int)parts[3]);
    }

    public static StreamGroupInfo Group(RedisResult reply)
    {
        var fields = Map(reply);
        return new StreamGroupInfo(
            (string)fields["name"],
            (int)fields["consumers"],
            (int)fields["pending"],
            (string)fields["last-delivered-id"],
            fields.TryGetValue("entries-read", out var read) ? (long?)read : null,
            fields.TryGetValue("lag", out var lag) ? (long?)lag : null);
    }

    public static StreamConsumerInfo Consumer(RedisResult reply)
    {
        var fields = Map(reply);
        return new StreamConsumerInfo((string)fields["name"], (int)fields["pending"], (long)fields["idle"]);
    }

    public static StreamInfo Info(RedisResult reply)
    {
        var fields = Map(reply);
        return new StreamInfo(
            (int)fields["length"],
            (int)fields["radix-tree-keys"],
            (int)fields["radix-tree-nodes"],
            (int)fields["groups"],
            Entry(fields["first-entry"]),
            Entry(fields["last-entry"]),
            (RedisValue)fields["last-generated-id"]);
    }

    public static RedisResult[] Items(RedisResult reply) => reply.IsNull ? [] : (RedisResult[])reply;

    private static NameValueEntry[] Fields(RedisResult reply)
    {
        var values = reply.IsNull ? [] : (RedisValue[])reply;
        var fields = new NameValueEntry[values.Length / 2];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new NameValueEntry(values[2 * i], values[(2 * i) + 1]);
        }

        return fields;
    }

    private static Dictionary<string, RedisResult> Map(RedisResult reply)
    {
        var items = Items(reply);
        var fields = new Dictionary<string, RedisResult>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            fields[(string)items[i]] = items[i + 1];
        }

        return fields;
    }
}
