namespace StackExchange.Redis;

/// <summary>What trimming does to references that groups hold. Only the first works below Redis 8.2, and in this stand-in.</summary>
public enum StreamTrimMode
{
    /// <summary>Pending lists keep the ids of removed entries.</summary>
    KeepReferences = 0,

    /// <summary>Pending lists lose the ids too.</summary>
    DeleteReferences = 1,

    /// <summary>Only entries that every group has acknowledged are removed.</summary>
    Acknowledged = 2,
}
