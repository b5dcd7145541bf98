using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>What became of an attempt to put a dead letter back.</summary>
public enum Requeued
{
    /// <summary>It is in the ingest stream; what is wrong with it for good comes back here.</summary>
    Done,

    /// <summary>There is none at this position.</summary>
    Missing,

    /// <summary>It can never be what it was meant to be; it stays.</summary>
    Refused,
}

/// <summary>The stream of dead letters, for whoever looks after them.</summary>
public sealed class DeadLetters(
    IConnectionMultiplexer redis,
    StreamRoom room,
    IngestTelemetry telemetry,
    IOptions<IngestOptions> options,
    TimeProvider time
)
{
    private const int ReadAtOnce = 20;
    private const int MostSeen = 5_000;
    private const int MaxListBytes = 1024 * 1024;
    private static readonly string[] Kinds = [EntryKinds.Pour, EntryKinds.Reading, EntryKinds.Event, EntryKinds.Message];

    // In one step: two requeues at once append once, and a crash loses nothing.
    private const string RequeueScript = """
        if redis.call('XDEL', KEYS[2], ARGV[1]) == 0 then return 0 end
        redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
        return 1
        """;

    private readonly RedisKey _dead = options.Value.DeadKey;

    /// <summary>Lists dead letters, oldest first.</summary>
    /// <param name="after">The position to go on from, or null for the start.</param>
    /// <param name="count">Most of them; fewer where they are large.</param>
    /// <returns>The letters, and whether more follow.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<(IReadOnlyList<SetAside> Letters, bool HasMore)> ListAsync(string? after, int count) =>
        await FindAsync(DeadLetterFilter.All, after, count) is var (letters, next) ? (letters, next is not null) : default;

    /// <summary>Finds dead letters. Looks at a few thousand at most, so of many that do not match it may find none and yet go on.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">The position to go on from, or null for the start.</param>
    /// <param name="count">Most of them; fewer where they are large.</param>
    /// <param name="isNewestFirst">Whether the newest comes first; else the oldest.</param>
    /// <returns>The letters, and the position to go on from; null at the end.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<(IReadOnlyList<SetAside> Letters, string? Next)> FindAsync(
        DeadLetterFilter filter,
        string? after,
        int count,
        bool isNewestFirst = false
    )
    {
        var (letters, bytes, seen) = (new List<SetAside>(), 0, 0);
        while (true)
        {
            var beyond = after is null ? null : $"({after}";
            var found = await redis
                .GetDatabase()
                .StreamRangeAsync(
                    _dead,
                    isNewestFirst ? "-" : beyond ?? "-",
                    isNewestFirst ? beyond ?? "+" : "+",
                    ReadAtOnce,
                    isNewestFirst ? Order.Descending : Order.Ascending
                )
                .WaitAsync(Deadlines.Answer);
            foreach (var letter in found.Select(Read))
            {
                if (filter.Matches(letter))
                {
                    bytes += letter.Body.Length;
                    if (letters.Count == count || (letters.Count > 0 && bytes > MaxListBytes))
                    {
                        return (letters, after);
                    }

                    letters.Add(letter);
                }

                after = letter.Position;
            }

            seen += found.Length;
            if (found.Length < ReadAtOnce || seen > MostSeen)
            {
                return (letters, found.Length < ReadAtOnce ? null : after);
            }
        }
    }

    /// <summary>How many there are.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public Task<long> CountAsync() => redis.GetDatabase().StreamLengthAsync(_dead).WaitAsync(Deadlines.Answer);

    /// <summary>How many were dropped, the oldest each time, because there were too many.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<long> DroppedAsync() => (long)await redis.GetDatabase().StringGetAsync($"{_dead}:gone").WaitAsync(Deadlines.Answer);

    /// <summary>Finds one; null when there is none at this position.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<SetAside?> FindAsync(string position) => await EntryAsync(position) is { } entry ? Read(entry) : null;

    /// <summary>Moves one back into the ingest stream.</summary>
    /// <exception cref="StreamFullException">The stream is over its high-water mark; the dead letter stays.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<Requeued> RequeueAsync(string position)
    {
        if (await EntryAsync(position) is not { } entry)
        {
            return Requeued.Missing;
        }

        if (!entry["final"].IsNull || !Kinds.Contains((string?)entry["kind"]))
        {
            return Requeued.Refused;
        }

        await room.ThrowIfFullAsync();
        var read = IngestEntry.FromFields(entry);
        using var activity = IngestTelemetry.StartRequeue(read?.Id, IngestTelemetry.ContextOf(read)).At(redis);
        // A script cannot hand thousands of fields to a command.
        var fields = entry
            .Values.Where(field =>
                entry.Values.Length > DeadLetter.MaxFields
                    ? IngestEntry.FieldNames.Contains((string?)field.Name)
                    : !DeadLetter.OwnFields.Contains((string?)field.Name)
            )
            .ToList();
        if (activity is { Recorded: true })
        {
            fields.RemoveAll(field => field.Name == "traceparent" || field.Name == "tracestate");
            fields.Add(new("traceparent", activity.Id));
            if (activity.TraceStateString is { Length: > 0 } state)
            {
                fields.Add(new("tracestate", state));
            }
        }

        var stream = options.Value.StreamKeyOf((string?)entry["tap"], (string?)entry["id"]);
        var startedAt = time.GetTimestamp();
        try
        {
            var requeued = await redis
                .GetDatabase()
                .ScriptEvaluateAsync(RequeueScript, [stream, _dead], [position, .. DeadLetter.Flat(fields)])
                .WaitAsync(Deadlines.Answer);
            if (!(bool)requeued)
            {
                return Requeued.Missing;
            }
        }
        catch (Exception ex)
        {
            activity.Failed(ex);
            telemetry.SendFailed("ingest", time.GetElapsedTime(startedAt), ex);
            throw;
        }

        telemetry.Sent("ingest", time.GetElapsedTime(startedAt));
        return Requeued.Done;
    }

    /// <summary>Deletes one for good.</summary>
    /// <returns>False when there is none at this position.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<bool> DeleteAsync(string position) =>
        await redis.GetDatabase().StreamDeleteAsync(_dead, [position]).WaitAsync(Deadlines.Answer) > 0;

    private async Task<StreamEntry?> EntryAsync(string position)
    {
        var found = await redis.GetDatabase().StreamRangeAsync(_dead, position, position, count: 1).WaitAsync(Deadlines.Answer);
        return found.Length > 0 ? found[0] : null;
    }

    private static SetAside Read(StreamEntry entry)
    {
        // Another program may have written a field twice; ours come last.
        string Text(string name) => Encoding.UTF8.GetString((byte[]?)entry.Values.LastOrDefault(field => field.Name == name).Value ?? []);
        var failedAt = long.TryParse(Text("failedAt"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : 0;
        return new SetAside(
            entry.Id!,
            Text("reason"),
            Text("source"),
            int.TryParse(Text("deliveries"), NumberStyles.None, CultureInfo.InvariantCulture, out var deliveries) ? deliveries : 0,
            DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(failedAt, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())),
            Text("kind"),
            Text("tap"),
            Guid.TryParse(Text("id"), out var id) ? id : null,
            Text("body")
        )
        {
            IsFinal = Text("final") != "",
            TraceId = ActivityContext.TryParse(Text("traceparent"), null, out var context) ? context.TraceId.ToHexString() : null,
        };
    }
}
