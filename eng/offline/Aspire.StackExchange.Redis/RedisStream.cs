namespace StackExchange.Redis;

/// <summary>What one stream gave in a read of several.</summary>
public readonly struct RedisStream
{
    internal RedisStream(RedisKey key, StreamEntry[] entries)
    {
        Key = key;
        Entries = entries;
    }

    /// <summary>The stream's key.</summary>
    public RedisKey Key { get; }

    /// <summary>Its entries, oldest first.</summary>
    public StreamEntry[] Entries { get; }
}
