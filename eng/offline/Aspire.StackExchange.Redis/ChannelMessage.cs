namespace StackExchange.Redis;

/// <summary>One published message.</summary>
public readonly struct ChannelMessage
{
    internal ChannelMessage(RedisChannel subscription, RedisChannel channel, RedisValue message)
    {
        SubscriptionChannel = subscription;
        Channel = channel;
        Message = message;
    }

    /// <summary>The channel or pattern that was subscribed to.</summary>
    public RedisChannel SubscriptionChannel { get; }

    /// <summary>The channel to which the message was published.</summary>
    public RedisChannel Channel { get; }

    /// <summary>The payload.</summary>
    public RedisValue Message { get; }
}
