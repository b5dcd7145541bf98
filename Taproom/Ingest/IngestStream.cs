using System.Diagnostics;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>The front doors' end of the ingest stream.</summary>
/// <remarks>
/// When <see cref="AppendAsync"/> returns, Redis has the entry, on disk if it syncs its append-only file on every write. When it
/// throws, the entry may or may not be there: append the same entry again, its id makes that harmless. Entries of one call keep their order. Of two
/// calls side by side Redis may refuse the first and take the second; whose order counts waits for the first. The Redis client sends
/// together what waits at one moment, of whatever callers.
/// </remarks>
public sealed class IngestStream(
    IConnectionMultiplexer redis,
    StreamRoom room,
    IngestTelemetry telemetry,
    IOptions<IngestOptions> options,
    TimeProvider time
)
{
    // In one step: of two senders of one id only one appends, whatever replicas they use, and what one caller appends is whole.
    // Keys: of each entry its stream and what remembers its id; arguments: how long, then of each entry the number of its values and these.
    private const string OnceScript = """
        local appended, at = {}, 2
        for i = 1, #KEYS, 2 do
            local count = tonumber(ARGV[at])
            if redis.call('EXISTS', KEYS[i + 1]) == 1 then
                appended[#appended + 1] = 0
            else
                local position = redis.call('XADD', KEYS[i], '*', unpack(ARGV, at + 1, at + count))
                redis.call('SET', KEYS[i + 1], KEYS[i] .. ' ' .. position, 'PX', ARGV[1])
                appended[#appended + 1] = 1
            end
            at = at + 1 + count
        end
        return appended
        """;

    // In one step, so that none is refused which is followed by one that is taken: Redis looks at its memory before a script, not within it.
    // Keys: the stream of each entry; arguments: of each entry the number of its values and these.
    private const string TogetherScript = """
        local at = 1
        for i = 1, #KEYS do
            local count = tonumber(ARGV[at])
            redis.call('XADD', KEYS[i], '*', unpack(ARGV, at + 1, at + count))
            at = at + 1 + count
        end
        """;

    private static readonly bool[] One = [true];

    private readonly IngestOptions _options = options.Value;

    /// <summary>Appends one entry.</summary>
    /// <inheritdoc cref="AppendAsync(IReadOnlyList{IngestEntry}, CancellationToken)" />
    public Task AppendAsync(IngestEntry entry, CancellationToken cancellationToken) => AppendAsync([entry], cancellationToken);

    /// <summary>Appends entries in one step, each with the context of its <c>send ingest</c> span.</summary>
    /// <param name="entries">The validated entries; not empty.</param>
    /// <param name="cancellationToken">Ends the wait; the entries may be appended all the same.</param>
    /// <exception cref="StreamFullException">The stream is over its high-water mark; nothing was appended.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public Task AppendAsync(IReadOnlyList<IngestEntry> entries, CancellationToken cancellationToken)
    {
        List<Activity>? spans = null;
        for (var i = 0; i < entries.Count; i++)
        {
            if (StartSend(entries[i], count: 1) is { } span)
            {
                IngestEntry[] traced = [.. entries];
                traced[i] = Within(span, traced[i]);
                (spans ??= []).Add(span);
                entries = traced;
            }
        }

        return SendAsync(entries, isOnce: false, spans, cancellationToken);
    }

    /// <summary>Appends entries, all of them or none, but leaves out each whose id this method
    /// has appended within <see cref="IngestOptions.RememberFor"/>.</summary>
    /// <param name="entries">The validated entries; not empty.</param>
    /// <param name="cancellationToken">Ends the wait; the entries may be appended all the same.</param>
    /// <returns>For each entry whether it was appended; false when its id was known.</returns>
    /// <exception cref="StreamFullException">The stream is over its high-water mark; nothing was appended.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public Task<bool[]> AppendOnceAsync(IReadOnlyList<IngestEntry> entries, CancellationToken cancellationToken) =>
        StartSend(entries[0], entries.Count) is { } span
            ? SendAsync([.. entries.Select(entry => Within(span, entry))], isOnce: true, [span], cancellationToken)
            : SendAsync(entries, isOnce: true, spans: null, cancellationToken);

    /// <summary>Finds an entry that <see cref="AppendOnceAsync"/> has appended of late, whether or not it is stored.</summary>
    /// <param name="kind">Its kind: the id of a message is not the id of a pour.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entry; null when its id is not remembered, or the entry was stored and trimmed.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<IngestEntry?> FindRecentAsync(string kind, Guid id, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();
        string? place = await database.StringGetAsync(AppendedKey(kind, id)).WaitAsync(Deadlines.Answer, time, cancellationToken);
        if (place?.LastIndexOf(' ') is not (>= 0 and var space))
        {
            return null;
        }

        var (stream, position) = (place[..space], place[(space + 1)..]);
        var found = await database.StreamRangeAsync(stream, position, position, count: 1).WaitAsync(Deadlines.Answer, time, cancellationToken);
        return found.Length > 0 ? IngestEntry.FromFields(found[0]) : null;
    }

    /// <summary>Starts a span; null where nobody records it, and the sender's context is passed on.</summary>
    private Activity? StartSend(IngestEntry entry, int count)
    {
        var current = Activity.Current;
        var span = IngestTelemetry.StartSend(entry, count).At(redis);
        // It goes on after the caller has returned, and is not the caller's.
        Activity.Current = current;
        return span;
    }

    private static IngestEntry Within(Activity span, IngestEntry entry) => entry with { TraceParent = span.Id, TraceState = span.TraceStateString };

    // Nothing is awaited before Redis has the command, or calls of one caller would change places.
    private async Task<bool[]> SendAsync(IReadOnlyList<IngestEntry> entries, bool isOnce, List<Activity>? spans, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            room.ThrowIfFull();
            var appending =
                isOnce ? AddOnceAsync(entries)
                : entries.Count == 1 ? AddAsync(entries[0])
                : AddTogetherAsync(entries);
            var appended = await appending.WaitAsync(Deadlines.Answer, time, cancellationToken);
            telemetry.Sent("ingest", time.GetElapsedTime(startedAt), entries.Count);
            return appended;
        }
        catch (Exception ex)
        {
            spans?.ForEach(span => span.Failed(ex));
            if (ex is not OperationCanceledException)
            {
                telemetry.SendFailed("ingest", time.GetElapsedTime(startedAt), ex);
            }

            throw;
        }
        finally
        {
            spans?.ForEach(span => span.Dispose());
        }
    }

    private async Task<bool[]> AddAsync(IngestEntry entry)
    {
        await redis.GetDatabase().StreamAddAsync(_options.StreamKeyOf(entry), entry.ToFields());
        return One;
    }

    private async Task<bool[]> AddTogetherAsync(IReadOnlyList<IngestEntry> entries)
    {
        var (keys, values) = (new RedisKey[entries.Count], new List<RedisValue>());
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = _options.StreamKeyOf(entries[i]);
            AddFields(values, entries[i]);
        }

        await redis.GetDatabase().ScriptEvaluateAsync(TogetherScript, keys, [.. values]);
        return One;
    }

    private async Task<bool[]> AddOnceAsync(IReadOnlyList<IngestEntry> entries)
    {
        var (keys, values) = (new List<RedisKey>(), new List<RedisValue> { (long)_options.RememberFor.TotalMilliseconds });
        foreach (var entry in entries)
        {
            keys.AddRange(_options.StreamKeyOf(entry), AppendedKey(entry.Kind, entry.Id));
            AddFields(values, entry);
        }

        var appended = (int[])(await redis.GetDatabase().ScriptEvaluateAsync(OnceScript, [.. keys], [.. values]))!;
        return Array.ConvertAll(appended, one => one == 1);
    }

    // The number of its values, and these.
    private static void AddFields(List<RedisValue> values, IngestEntry entry)
    {
        var fields = entry.ToFields();
        values.Add(2 * fields.Length);
        foreach (var field in fields)
        {
            values.AddRange(field.Name, field.Value);
        }
    }

    // Remembers for a time that an entry was appended, and where: its stream, a space, its position.
    private RedisKey AppendedKey(string kind, Guid id) => $"{_options.Prefix}:appended:{kind}:{id}";

    /// <summary>Sets an input aside that cannot become a pour, with everything needed to look at it and to replay it.</summary>
    /// <param name="entry">The input as received; its body need not be JSON.</param>
    /// <param name="reason">Why, in one sentence.</param>
    /// <param name="source">Who refused it: the name of a service.</param>
    /// <param name="cancellationToken">Ends the wait; the dead letter may be written all the same.</param>
    /// <param name="isFinal">Whether it can never be what it was meant to be, as a pour that was sent to another tap's topic.</param>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task SetAsideAsync(IngestEntry entry, string reason, string source, CancellationToken cancellationToken, bool isFinal = false)
    {
        using var activity = IngestTelemetry.StartSetAside(entry.Id).At(redis);
        var startedAt = time.GetTimestamp();
        NameValueEntry[] fields =
        [
            .. entry.ToFields(DeadLetter.Fields(reason, source, time.GetUtcNow(), deliveries: 0)),
            .. isFinal ? [new NameValueEntry("final", 1)] : Array.Empty<NameValueEntry>(),
        ];
        try
        {
            await redis
                .GetDatabase()
                .ScriptEvaluateAsync(
                    DeadLetter.WriteScript,
                    [_options.DeadKey],
                    [_options.MaxDeadLetters, _options.MaxDeadLetterBytes, .. DeadLetter.Flat(fields)]
                )
                .WaitAsync(Deadlines.Answer, time, cancellationToken);
        }
        catch (Exception ex)
        {
            activity.Failed(ex);
            telemetry.SendFailed("dead", time.GetElapsedTime(startedAt), ex);
            throw;
        }

        telemetry.Sent("dead", time.GetElapsedTime(startedAt));
        telemetry.SetAside(source);
    }
}
