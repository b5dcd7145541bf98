using System.Diagnostics;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>A consumer group of one stream, read by whoever holds the partition.</summary>
/// <remarks>
/// At least once: the position of the group moves when a batch is acknowledged, so whoever holds the partition next reads what was not.
/// Redis tells with each read who holds the partition, so no two workers read it at a time, also when one was stopped for a while and
/// does not know it yet. Not by <c>XREADGROUP</c>: what one worker at a time reads in order needs no list of pending entries, which would
/// cost Redis more than to take the entries in, and make its file longer by two thirds (docs/performance.md).
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

    private const string Start = "0-0";

    // What a worker of before has read and not acknowledged is read again; what it has acknowledged behind that is too, and counts as
    // accepted and repeated. Keys: stream, account; argument: group.
    private const string ForgetPendingScript = """
        #!lua flags=allow-oom
        local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
        if pending[1] == 0 then return end
        local before = redis.call('XREVRANGE', KEYS[1], '(' .. pending[2], '-', 'COUNT', 1)[1]
        local again = -pending[1]
        for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            if info[2] == ARGV[1] then again = again + #redis.call('XRANGE', KEYS[1], pending[2], info[8]) end
        end
        for _, consumer in ipairs(pending[4]) do redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer[1]) end
        redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], before and before[1] or '0-0')
        if KEYS[2] then redis.call('HINCRBY', KEYS[2], 'accepted', again) end
        """;

    // In one step: a front door that still appends to it must not lose what it appends. Keys: stream, account.
    private const string RemoveScript =
        LuaFunctions.Named
        + """
            if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
            local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
            for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
                local group = named(info)
                if group.pending > 0 or (last and group['last-delivered-id'] ~= last[1]) then return 0 end
            end
            redis.call('HINCRBY', KEYS[2], 'accepted', named(redis.call('XINFO', 'STREAM', KEYS[1]))['entries-added'])
            return redis.call('DEL', KEYS[1])
            """;

    private readonly RedisKey _account = options.Value.AccountKey;

    /// <summary>Name of the group.</summary>
    public string Name => name;

    /// <summary>Key of the stream.</summary>
    public RedisKey Stream => stream;

    private IDatabase Database => redis.GetDatabase();

    private RedisKey[] Accounted => name == IngestOptions.StoreGroup ? [stream, _account, options.Value.DeadKey] : [stream];

    /// <summary>Starts the span of a batch that was read.</summary>
    /// <param name="entries">The batch; not empty.</param>
    /// <param name="readAt">When the read began.</param>
    public Activity? StartReceive(IReadOnlyList<Delivery> entries, DateTimeOffset readAt) =>
        IngestTelemetry.StartReceive(entries, name, leases.Worker, readAt).At(redis);

    /// <summary>The position up to which the group has acknowledged all; a group that is not there is made at the start of the stream.</summary>
    /// <returns>A stream id; <c>0-0</c> for none yet.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<string> PositionAsync()
    {
        if (await InfoAsync() is not { } info)
        {
            await CreateAsync();
            return Start;
        }

        if (info.PendingMessageCount == 0)
        {
            return info.LastDeliveredId!;
        }

        await Database.ScriptEvaluateAsync(ForgetPendingScript, Accounted, [name]).WaitAsync(Deadlines.Worker);
        return await PositionAsync();
    }

    /// <summary>Reads up to <paramref name="count"/> entries.</summary>
    /// <param name="after">The stream id after which they begin.</param>
    /// <param name="count">Most of them.</param>
    /// <returns>The entries in order, none when there is none; null when another worker holds the partition.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<IReadOnlyList<Delivery>?> ReadAsync(string after, int count)
    {
        // In this order: what the first command reads is this worker's when the second still names it.
        var entries = Database.StreamRangeAsync(stream, $"({after}", count: count);
        var holder = Database.HashGetAsync(leases.Key, partition);
        await Task.WhenAll(entries, holder).WaitAsync(Deadlines.Worker);
        return await holder == leases.Worker
            ? Array.ConvertAll(await entries, entry => new Delivery(partition, entry.Id!, IngestEntry.FromFields(entry)))
            : null;
    }

    /// <summary>Marks a batch as done, for this group, and moves those of it that can never be stored to the dead letters, in one step.</summary>
    /// <param name="batch">All of it is written where the group wants it, or refused.</param>
    /// <param name="repeated">How many were stored before, for the account; only what becomes of the group <c>store</c> is counted there.</param>
    /// <param name="refused">Those that can never be stored, in order.</param>
    /// <exception cref="RedisServerException">The group is gone or was set back behind the batch, so it has to begin again; or Redis refused.</exception>
    /// <exception cref="RedisException">Redis cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time; whether it is done is not known.</exception>
    public async Task AcknowledgeAsync(Batch batch, int repeated = 0, params IReadOnlyList<Refused> refused)
    {
        using var activity = IngestTelemetry.StartAcknowledge(batch.Entries.Count, name).At(redis);
        var dead = refused
            .Select(item => IngestTelemetry.StartSetAside(item.Entry?.Id, item.Failed?.Context ?? IngestTelemetry.ContextOf(item.Entry)).At(redis))
            .ToList();
        var startedAt = time.GetTimestamp();
        try
        {
            var moved = (int)
                await Database
                    .ScriptEvaluateAsync(Acknowledgement.Script, Accounted, Arguments(batch, repeated, refused))
                    .WaitAsync(Deadlines.Worker);
            telemetry.Acknowledged(name, time.GetElapsedTime(startedAt));
            for (var n = 0; n < moved; n++)
            {
                telemetry.Sent("dead", time.GetElapsedTime(startedAt));
                telemetry.SetAside(name);
            }
        }
        catch (Exception ex)
        {
            activity.Failed(ex);
            dead.ForEach(item => item.Failed(ex));
            telemetry.Acknowledged(name, time.GetElapsedTime(startedAt), ex);
            foreach (var _ in refused)
            {
                telemetry.SendFailed("dead", time.GetElapsedTime(startedAt), ex);
            }

            throw;
        }
        finally
        {
            dead.Reverse();
            dead.ForEach(item => item?.Dispose());
        }
    }

    private RedisValue[] Arguments(Batch batch, int repeated, IReadOnlyList<Refused> refused)
    {
        var failedAt = time.GetUtcNow();
        var letters = refused
            .Select(item => (RedisValue[])[item.Delivery.Position, .. DeadLetter.Flat(DeadLetter.Fields(item.Reason, name, failedAt, deliveries: 1))])
            .ToList();
        return
        [
            name,
            batch.After,
            batch.UpTo,
            batch.Entries.Count,
            repeated,
            options.Value.MaxDeadLetters,
            options.Value.MaxDeadLetterBytes,
            letters.Count > 0 ? letters[0].Length : 1,
            .. letters.SelectMany(letter => letter),
        ];
    }

    /// <summary>How many entries the group has not acknowledged yet; 0 before the first entry of all.</summary>
    public async Task<long> LagAsync() => (await InfoAsync())?.Lag ?? 0;

    /// <summary>Removes a former stream once every group has acknowledged all of it.</summary>
    public async Task<bool> RemoveAsync() => (bool)await Database.ScriptEvaluateAsync(RemoveScript, [stream, _account]).WaitAsync(Deadlines.Worker);

    /// <summary>Removes the group, which nobody reads any more, so that nothing is kept for it.</summary>
    /// <returns>How many entries it had not acknowledged; null when there was no such group.</returns>
    public async Task<long?> DestroyAsync()
    {
        if (await InfoAsync() is not { } info)
        {
            return null;
        }

        await Database.StreamDeleteConsumerGroupAsync(stream, name).WaitAsync(Deadlines.Worker);
        return info.Lag ?? 0;
    }

    private async Task<StreamGroupInfo?> InfoAsync()
    {
        try
        {
            var groups = await Database.StreamGroupInfoAsync(stream).WaitAsync(Deadlines.Worker);
            return groups.Where(group => group.Name == name).Cast<StreamGroupInfo?>().FirstOrDefault();
        }
        catch (RedisServerException ex) when (ex.Message.Contains(NoSuchKey, StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Creates the group from the start of the stream, so that what came before it is delivered too; where it is there, nothing happens.</summary>
    public async Task CreateAsync()
    {
        try
        {
            await Database.StreamCreateConsumerGroupAsync(stream, name, StreamPosition.Beginning, createStream: true).WaitAsync(Deadlines.Worker);
        }
        catch (RedisServerException ex) when (ex.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another worker was first.
        }
    }
}
