namespace StackExchange.Redis;

/// <summary>A stream and the id after which to read.</summary>
/// <param name="key">The stream's key.</param>
/// <param name="position">The id after which to read, or one of the two constants.</param>
public struct StreamPosition(RedisKey key, RedisValue position)
{
    /// <summary>Before the first entry.</summary>
    public static RedisValue Beginning => "-";

    /// <summary>After the last entry; for groups only.</summary>
    public static RedisValue NewMessages => "$";

    /// <summary>The stream's key.</summary>
    public RedisKey Key { get; } = key;

    /// <summary>The id after which to read.</summary>
    public RedisValue Position { get; } = position;

    internal static RedisValue ForRead(RedisValue position)
        => position == NewMessages
            ? throw new InvalidOperationException("StreamPosition.NewMessages cannot be used with StreamRead.")
            : position == Beginning ? "0" : position;

    internal static RedisValue ForGroupRead(RedisValue position)
        => position == NewMessages ? ">" : position == Beginning ? "0" : position;

    internal static RedisValue ForGroupStart(RedisValue position) => position == Beginning ? "0" : position;
}
