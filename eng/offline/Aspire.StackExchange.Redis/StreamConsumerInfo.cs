namespace StackExchange.Redis;

/// <summary>A consumer of a group, from XINFO CONSUMERS.</summary>
public readonly struct StreamConsumerInfo
{
    internal StreamConsumerInfo(string name, int pending, long idleMs)
    {
        Name = name;
        PendingMessageCount = pending;
        IdleTimeInMilliseconds = idleMs;
    }

    /// <summary>The consumer's name.</summary>
    public string Name { get; }

    /// <summary>Entries delivered to it and not acknowledged.</summary>
    public int PendingMessageCount { get; }

    /// <summary>Milliseconds since it last asked for entries.</summary>
    public long IdleTimeInMilliseconds { get; }
}
