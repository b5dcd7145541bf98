using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>One consumer of one consumer group of the ingest stream.</summary>
/// <remarks>
/// At least once: an entry stays pending until it is acknowledged or set aside. Redis never delivers a pending entry again by
/// itself: <see cref="ReadPendingAsync"/> reads this consumer's own, <see cref="ClaimAbandonedAsync"/> those of consumers that died.
/// </remarks>
/// <param name="redis">Where the stream is.</param>
/// <param name="telemetry">Counts what is set aside.</param>
/// <param name="options">The stream's keys.</param>
/// <param name="time">Gives dead letters their time.</param>
/// <param name="name">The group: <c>store</c> or <c>archive</c>.</param>
/// <param name="consumer">This consumer, unique among the live ones of the group.</param>
public sealed class ConsumerGroup(
    IConnectionMultiplexer redis,
    IngestTelemetry telemetry,
    IOptions<IngestOptions> options,
    TimeProvider time,
    string name,
    string consumer
)
{
    // In one step: a consumer that read in between would lose its entries.
    private const string ForgetScript = """
        for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
            local consumer = {}
            for i = 1, #info, 2 do consumer[info[i]] = info[i + 1] end
            if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
                redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
            end
        end
        """;

    private readonly RedisKey _stream = options.Value.StreamKey;
    private readonly RedisKey _dead = options.Value.DeadKey;

    /// <summary>Name of the group.</summary>
    public string Name => name;

    /// <summary>Name of this consumer.</summary>
    public string Consumer => consumer;

    private IDatabase Database => redis.GetDatabase();

    /// <summary>Takes up to <paramref name="count"/> entries that no consumer of the group has had.</summary>
    public Task<IReadOnlyList<Delivery>> ReadNewAsync(int count) => ReadAsync(StreamPosition.NewMessages, count);

    /// <summary>Reads again up to <paramref name="count"/> entries that this consumer has had and not acknowledged, oldest first.</summary>
    /// <param name="after">The position to go on from; <c>0-0</c> for the oldest.</param>
    /// <param name="count">Most of them.</param>
    public Task<IReadOnlyList<Delivery>> ReadPendingAsync(string after, int count) => ReadAsync(after, count);

    /// <summary>Takes over up to <paramref name="count"/> entries that another consumer has left unacknowledged for <paramref name="idle"/>.</summary>
    public async Task<IReadOnlyList<Delivery>> ClaimAbandonedAsync(TimeSpan idle, int count)
    {
        var claimed = await InGroupAsync(() =>
            Database.StreamAutoClaimAsync(_stream, name, consumer, (long)idle.TotalMilliseconds, StreamPosition.Beginning, count)
        );
        return ToDeliveries(claimed.ClaimedEntries);
    }

    /// <summary>Marks entries as done, for this group.</summary>
    /// <param name="positions">Their stream ids; none is allowed.</param>
    public async Task AcknowledgeAsync(IReadOnlyCollection<string> positions)
    {
        if (positions.Count > 0)
        {
            using var activity = IngestTelemetry.StartAcknowledge(positions.Count, name);
            await Database.StreamAcknowledgeAsync(_stream, name, [.. positions.Select(position => (RedisValue)position)]);
        }
    }

    /// <summary>Moves an entry that can never be stored to the dead letters, and marks it as done, in one step.</summary>
    /// <param name="delivery">The entry, readable or not.</param>
    /// <param name="reason">Why, in one sentence.</param>
    public async Task SetAsideAsync(Delivery delivery, string reason)
    {
        using var activity = IngestTelemetry.StartSend("dead", delivery.Entry?.Id, IngestTelemetry.ContextOf(delivery.Entry));
        var bounds = options.Value;
        var moved = await Database.ScriptEvaluateAsync(
            DeadLetter.MoveScript,
            [_dead, _stream],
            [
                bounds.MaxDeadLetters,
                bounds.MaxDeadLetterBytes,
                name,
                delivery.Position,
                .. DeadLetter.Flat(DeadLetter.Fields(reason, name, time.GetUtcNow())),
            ]
        );
        if ((bool)moved)
        {
            telemetry.SetAside(name);
        }
    }

    /// <summary>Forgets consumers that have been silent for <paramref name="idle"/> and hold no entry any more; each start of a worker makes one.</summary>
    public Task ForgetConsumersAsync(TimeSpan idle) => Database.ScriptEvaluateAsync(ForgetScript, [_stream], [name, (long)idle.TotalMilliseconds]);

    /// <summary>How many entries the group has not acknowledged yet: those never delivered and those pending; 0 before the first entry of all.</summary>
    public async Task<long> LagAsync()
    {
        if (!await Database.KeyExistsAsync(_stream))
        {
            return 0;
        }

        var groups = await Database.StreamGroupInfoAsync(_stream);
        return groups.Where(group => group.Name == name).Sum(group => (group.Lag ?? 0) + group.PendingMessageCount);
    }

    private async Task<IReadOnlyList<Delivery>> ReadAsync(RedisValue position, int count) =>
        ToDeliveries(await InGroupAsync(() => Database.StreamReadGroupAsync(_stream, name, consumer, position, count)));

    /// <summary>Runs a command, and runs it again with the group made when there is none: at the first read of all, or after a loss of Redis.</summary>
    private async Task<T> InGroupAsync<T>(Func<Task<T>> command)
    {
        try
        {
            return await command();
        }
        catch (RedisServerException ex) when (ex.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            await CreateAsync();
            return await command();
        }
    }

    /// <summary>Creates the group from the start of the stream, so that what came before it is delivered too.</summary>
    private async Task CreateAsync()
    {
        try
        {
            await Database.StreamCreateConsumerGroupAsync(_stream, name, StreamPosition.Beginning, createStream: true);
        }
        catch (RedisServerException ex) when (ex.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another worker was first.
        }
    }

    private static IReadOnlyList<Delivery> ToDeliveries(StreamEntry[] entries) =>
        [.. entries.Where(entry => !entry.IsNull).Select(entry => new Delivery(entry.Id!, IngestEntry.FromFields(entry)))];
}
