namespace StackExchange.Redis;

/// <summary>A consumer and how much it has pending.</summary>
public readonly struct StreamConsumer
{
    internal StreamConsumer(RedisValue name, int pending)
    {
        Name = name;
        PendingMessageCount = pending;
    }

    /// <summary>The consumer's name.</summary>
    public RedisValue Name { get; }

    /// <summary>Entries delivered to it and not acknowledged.</summary>
    public int PendingMessageCount { get; }
}
