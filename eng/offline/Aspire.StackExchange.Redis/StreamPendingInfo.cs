namespace StackExchange.Redis;

/// <summary>The summary form of XPENDING.</summary>
public readonly struct StreamPendingInfo
{
    internal StreamPendingInfo(int count, RedisValue lowest, RedisValue highest, StreamConsumer[] consumers)
    {
        PendingMessageCount = count;
        LowestPendingMessageId = lowest;
        HighestPendingMessageId = highest;
        Consumers = consumers;
    }

    /// <summary>Entries delivered to the group and not acknowledged.</summary>
    public int PendingMessageCount { get; }

    /// <summary>The oldest pending id, or null.</summary>
    public RedisValue LowestPendingMessageId { get; }

    /// <summary>The newest pending id, or null.</summary>
    public RedisValue HighestPendingMessageId { get; }

    /// <summary>The consumers that have pending entries.</summary>
    public StreamConsumer[] Consumers { get; }
}
