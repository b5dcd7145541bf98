using System.Diagnostics;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>A consumer group of one stream, read by whoever holds the partition.</summary>
/// <remarks>
/// At least once: an entry stays pending until it is acknowledged or set aside. Redis checks with each read that this worker still
/// holds the partition, so no two workers read it at a time, also when one was stopped for a while and does not know it yet. All
/// holders read under one name: what one leaves behind, <see cref="ClaimPendingAsync"/> gives to the next.
/// </remarks>
/// <param name="redis">Where the stream is.</param>
/// <param name="leases">Tells which worker holds the partition.</param>
/// <param name="telemetry">Counts what is set aside.</param>
/// <param name="options">The streams' keys.</param>
/// <param name="time">Gives dead letters their time.</param>
/// <param name="name">The group: <c>store</c> or <c>archive</c>.</param>
/// <param name="partition">The partition.</param>
/// <param name="stream">Key of its stream, or of a former one that it has taken over.</param>
public sealed class ConsumerGroup(
    IConnectionMultiplexer redis,
    PartitionLeases leases,
    IngestTelemetry telemetry,
    IOptions<IngestOptions> options,
    TimeProvider time,
    string name,
    int partition,
    RedisKey stream
)
{
    /// <summary>How Redis says that there is no stream of this key.</summary>
    internal const string NoSuchKey = "no such key";

    private const string Holder = "holder";

    // Allowed when Redis is full, too: only who reads can make room. A transaction would not be.
    private const string ReadScript = """
        #!lua flags=allow-oom
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return false end
        local read = redis.call('XREADGROUP', 'GROUP', ARGV[3], ARGV[4], 'COUNT', ARGV[5], 'STREAMS', KEYS[2], '>')
        return read and read[1][2] or {}
        """;

    private const string ClaimScript = """
        #!lua flags=allow-oom
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return false end
        return redis.call('XAUTOCLAIM', KEYS[2], ARGV[3], ARGV[4], 0, ARGV[6], 'COUNT', ARGV[5])
        """;

    // In one step: a front door that still appends to it must not lose what it appends. Keys: stream, account.
    private const string RemoveScript = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
        for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            local group = {}
            for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
            if group.pending > 0 or (last and group['last-delivered-id'] ~= last[1]) then return 0 end
        end
        local stream = redis.call('XINFO', 'STREAM', KEYS[1])
        for i = 1, #stream, 2 do
            if stream[i] == 'entries-added' then redis.call('HINCRBY', KEYS[2], 'accepted', stream[i + 1]) end
        end
        return redis.call('DEL', KEYS[1])
        """;

    private readonly RedisKey _dead = options.Value.DeadKey;
    private readonly RedisKey _account = options.Value.AccountKey;

    /// <summary>Name of the group.</summary>
    public string Name => name;

    /// <summary>Key of the stream.</summary>
    public RedisKey Stream => stream;

    // The client forgets a command now and then when its connection breaks at that moment, and nobody would end the wait for its answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Starts the span of a batch that was read.</summary>
    /// <param name="entries">The batch; not empty.</param>
    /// <param name="readAt">When the read began.</param>
    public Activity? StartReceive(IReadOnlyList<Delivery> entries, DateTimeOffset readAt) =>
        IngestTelemetry.StartReceive(entries, name, leases.Worker, readAt).At(redis);

    /// <summary>Takes up to <paramref name="count"/> entries that the group has not had.</summary>
    /// <returns>Null when another worker holds the partition.</returns>
    public async Task<IReadOnlyList<Delivery>?> ReadNewAsync(int count)
    {
        var read = await WhileHeldAsync(ReadScript, count);
        return read.IsNull ? null : ToDeliveries(read);
    }

    /// <summary>Takes up to <paramref name="count"/> entries that were delivered before and not acknowledged, oldest first.</summary>
    /// <param name="from">Where to begin: <c>0-0</c>, or what the call before gave as the next position.</param>
    /// <param name="count">Most of them.</param>
    /// <returns>The entries and the next position, <c>0-0</c> at the end; null when another worker holds the partition.</returns>
    public async Task<(IReadOnlyList<Delivery> Entries, string Next)?> ClaimPendingAsync(string from, int count)
    {
        var claimed = await WhileHeldAsync(ClaimScript, count, from);
        return claimed.IsNull ? null : (ToDeliveries(claimed[1]), (string)claimed[0]!);
    }

    /// <summary>The position of the newest entry that the group has had; <c>0-0</c> for none.</summary>
    public async Task<StreamId> LastDeliveredAsync() => await InfoAsync() is { } info ? StreamId.Parse(info.LastDeliveredId!) : default;

    /// <summary>Marks entries as done, for this group.</summary>
    /// <param name="positions">Their stream ids; none is allowed.</param>
    /// <param name="repeated">How many of them were stored before, for the account; only what becomes of the group <c>store</c> is counted there.</param>
    public async Task AcknowledgeAsync(IReadOnlyCollection<string> positions, int repeated = 0)
    {
        if (positions.Count > 0)
        {
            using var activity = IngestTelemetry.StartAcknowledge(positions.Count, name).At(redis);
            var startedAt = time.GetTimestamp();
            try
            {
                await Database
                    .ScriptEvaluateAsync(
                        IngestLine.AcknowledgeScript,
                        name == IngestOptions.StoreGroup ? [stream, _account] : [stream],
                        [name, repeated, .. positions.Select(position => (RedisValue)position)]
                    )
                    .WaitAsync(Patience);
                telemetry.Acknowledged(name, time.GetElapsedTime(startedAt));
            }
            catch (Exception ex)
            {
                activity.Failed(ex);
                telemetry.Acknowledged(name, time.GetElapsedTime(startedAt), ex);
                throw;
            }
        }
    }

    /// <summary>Moves an entry that can never be stored to the dead letters, and marks it as done, in one step.</summary>
    /// <param name="delivery">The entry, readable or not.</param>
    /// <param name="reason">Why, in one sentence.</param>
    /// <param name="failed">The span that failed; null where there is none.</param>
    public async Task SetAsideAsync(Delivery delivery, string reason, Activity? failed = null)
    {
        using var activity = IngestTelemetry
            .StartSetAside(delivery.Entry?.Id, failed?.Context ?? IngestTelemetry.ContextOf(delivery.Entry))
            .At(redis);
        var startedAt = time.GetTimestamp();
        try
        {
            if (await MoveAsync(delivery, reason))
            {
                telemetry.Sent("dead", time.GetElapsedTime(startedAt));
                telemetry.SetAside(name);
            }
        }
        catch (Exception ex)
        {
            activity.Failed(ex);
            telemetry.SendFailed("dead", time.GetElapsedTime(startedAt), ex);
            throw;
        }
    }

    private async Task<bool> MoveAsync(Delivery delivery, string reason) =>
        (bool)
            await Database
                .ScriptEvaluateAsync(
                    DeadLetter.MoveScript,
                    [_dead, stream, _account],
                    [
                        options.Value.MaxDeadLetters,
                        options.Value.MaxDeadLetterBytes,
                        name,
                        delivery.Position,
                        .. DeadLetter.Flat(DeadLetter.Fields(reason, name, time.GetUtcNow())),
                    ]
                )
                .WaitAsync(Patience);

    /// <summary>How many entries the group has not acknowledged yet: those never delivered and those pending; 0 before the first entry of all.</summary>
    public async Task<long> LagAsync() => await InfoAsync() is { } info ? (info.Lag ?? 0) + info.PendingMessageCount : 0;

    /// <summary>Removes a former stream once every group has acknowledged all of it.</summary>
    public async Task<bool> RemoveAsync() => (bool)await Database.ScriptEvaluateAsync(RemoveScript, [stream, _account]).WaitAsync(Patience);

    /// <summary>Removes the group, which nobody reads any more, so that nothing is kept for it.</summary>
    /// <returns>How many entries it had not acknowledged; null when there was no such group.</returns>
    public async Task<long?> DestroyAsync()
    {
        if (await InfoAsync() is not { } info)
        {
            return null;
        }

        await Database.StreamDeleteConsumerGroupAsync(stream, name).WaitAsync(Patience);
        return (info.Lag ?? 0) + info.PendingMessageCount;
    }

    private async Task<StreamGroupInfo?> InfoAsync()
    {
        try
        {
            var groups = await Database.StreamGroupInfoAsync(stream).WaitAsync(Patience);
            return groups.Where(group => group.Name == name).Cast<StreamGroupInfo?>().FirstOrDefault();
        }
        catch (RedisServerException ex) when (ex.Message.Contains(NoSuchKey, StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Runs a script that looks first who holds the partition, with the group made when there is none: at the first read of all, or after a loss of Redis.</summary>
    private async Task<RedisResult> WhileHeldAsync(string script, int count, string from = "")
    {
        RedisKey[] keys = [leases.Key, stream];
        RedisValue[] arguments = [partition, leases.Worker, name, Holder, count, from];
        try
        {
            return await Database.ScriptEvaluateAsync(script, keys, arguments).WaitAsync(Patience);
        }
        catch (RedisServerException ex) when (ex.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            await CreateAsync();
            return await Database.ScriptEvaluateAsync(script, keys, arguments).WaitAsync(Patience);
        }
    }

    /// <summary>Creates the group from the start of the stream, so that what came before it is delivered too; where it is there, nothing happens.</summary>
    public async Task CreateAsync()
    {
        try
        {
            await Database.StreamCreateConsumerGroupAsync(stream, name, StreamPosition.Beginning, createStream: true).WaitAsync(Patience);
        }
        catch (RedisServerException ex) when (ex.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another worker was first.
        }
    }

    /// <summary>Reads entries as a script returns them: each an id, and names and values in turn. One that was deleted meanwhile has none.</summary>
    private List<Delivery> ToDeliveries(RedisResult entries)
    {
        var deliveries = new List<Delivery>(entries.Length);
        for (var n = 0; n < entries.Length; n++)
        {
            var (position, fields) = ((string)entries[n][0]!, (RedisValue[]?)entries[n][1] ?? []);
            deliveries.Add(new Delivery(partition, position, IngestEntry.FromFields(fields)));
        }

        return deliveries;
    }
}
