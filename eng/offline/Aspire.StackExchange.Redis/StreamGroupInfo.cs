namespace StackExchange.Redis;

/// <summary>A consumer group, from XINFO GROUPS.</summary>
public readonly struct StreamGroupInfo
{
    internal StreamGroupInfo(string name, int consumers, int pending, string? lastDeliveredId, long? entriesRead, long? lag)
    {
        Name = name;
        ConsumerCount = consumers;
        PendingMessageCount = pending;
        LastDeliveredId = lastDeliveredId;
        EntriesRead = entriesRead;
        Lag = lag;
    }

    /// <summary>The group's name.</summary>
    public string Name { get; }

    /// <summary>How many consumers it has.</summary>
    public int ConsumerCount { get; }

    /// <summary>Entries delivered and not acknowledged.</summary>
    public int PendingMessageCount { get; }

    /// <summary>The last id delivered to the group.</summary>
    public string? LastDeliveredId { get; }

    /// <summary>Entries delivered so far (Redis 7.0 and later), or null when unknown.</summary>
    public long? EntriesRead { get; }

    /// <summary>Entries not delivered yet (Redis 7.0 and later), or null when unknown.</summary>
    public long? Lag { get; }
}
