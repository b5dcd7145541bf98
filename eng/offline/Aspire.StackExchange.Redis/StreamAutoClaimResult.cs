namespace StackExchange.Redis;

/// <summary>What one XAUTOCLAIM took over.</summary>
public readonly struct StreamAutoClaimResult
{
    internal StreamAutoClaimResult(RedisValue nextStartId, StreamEntry[] claimedEntries, RedisValue[] deletedIds)
    {
        NextStartId = nextStartId;
        ClaimedEntries = claimedEntries;
        DeletedIds = deletedIds;
    }

    /// <summary>No result.</summary>
    public static StreamAutoClaimResult Null { get; } = new(RedisValue.Null, [], []);

    /// <summary>Where the next call goes on; <c>0-0</c> after the last pending entry.</summary>
    public RedisValue NextStartId { get; }

    /// <summary>The entries that now belong to the claiming consumer.</summary>
    public StreamEntry[] ClaimedEntries { get; }

    /// <summary>Pending ids whose entries no longer exist; the server dropped them from the pending list (Redis 7.0 and later).</summary>
    public RedisValue[] DeletedIds { get; }

    /// <summary>True for <see cref="Null"/> only.</summary>
    public bool IsNull => NextStartId.IsNull && ClaimedEntries is { Length: 0 } && DeletedIds is { Length: 0 };
}
