namespace StackExchange.Redis;

/// <summary>One pending entry, from the extended form of XPENDING.</summary>
public readonly struct StreamPendingMessageInfo
{
    internal StreamPendingMessageInfo(RedisValue messageId, RedisValue consumerName, long idleMs, int deliveryCount)
    {
        MessageId = messageId;
        ConsumerName = consumerName;
        IdleTimeInMilliseconds = idleMs;
        DeliveryCount = deliveryCount;
    }

    /// <summary>The entry's id.</summary>
    public RedisValue MessageId { get; }

    /// <summary>The consumer that holds it.</summary>
    public RedisValue ConsumerName { get; }

    /// <summary>Milliseconds since its last delivery.</summary>
    public long IdleTimeInMilliseconds { get; }

    /// <summary>How often it was delivered.</summary>
    public int DeliveryCount { get; }
}
