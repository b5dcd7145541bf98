using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>An input that was set aside.</summary>
/// <param name="Position">Its stream id among the dead letters.</param>
/// <param name="Reason">Why, in one sentence.</param>
/// <param name="Source">Who set it aside: a service or a consumer group.</param>
/// <param name="Deliveries">How often it had been delivered; 0 when it never got into the ingest stream.</param>
/// <param name="FailedAt">When it was set aside; UTC.</param>
/// <param name="Kind">Its kind, as far as it is known.</param>
/// <param name="Tap">Its tap or other device; empty for none.</param>
/// <param name="Id">Its id, or null when that could not be read.</param>
/// <param name="Body">What was sent; bytes that are no UTF-8 are replaced.</param>
public sealed record SetAside(
    string Position,
    string Reason,
    string Source,
    int Deliveries,
    DateTimeOffset FailedAt,
    string Kind,
    string Tap,
    Guid? Id,
    string Body
);

/// <summary>The stream of dead letters, for whoever looks after them.</summary>
public sealed class DeadLetters(IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    private static readonly string[] OwnFields = ["reason", "source", "deliveries", "failedAt"];

    // In one step: two requeues at once append once, and a crash loses nothing.
    private const string RequeueScript = """
        if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[2]) then return -1 end
        if redis.call('XDEL', KEYS[2], ARGV[1]) == 0 then return 0 end
        redis.call('XADD', KEYS[1], '*', unpack(ARGV, 3))
        return 1
        """;

    private readonly RedisKey _stream = options.Value.StreamKey;
    private readonly RedisKey _dead = options.Value.DeadKey;
    private readonly long _highWaterMark = options.Value.HighWaterMark;

    /// <summary>Lists dead letters, oldest first.</summary>
    /// <param name="after">The position to go on from, or null for the start.</param>
    /// <param name="count">Most of them.</param>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<IReadOnlyList<SetAside>> ListAsync(string? after, int count) =>
        [
            .. (await redis.GetDatabase().StreamRangeAsync(_dead, after is null ? "-" : $"({after}", "+", count).WaitAsync(Deadlines.Answer)).Select(
                Read
            ),
        ];

    /// <summary>Finds one; null when there is none at this position.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<SetAside?> FindAsync(string position) => await EntryAsync(position) is { } entry ? Read(entry) : null;

    /// <summary>Moves one back into the ingest stream; what is wrong with it for good comes back here.</summary>
    /// <returns>False when there is none at this position.</returns>
    /// <exception cref="StreamFullException">The stream is over its high-water mark; the dead letter stays.</exception>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time.</exception>
    public async Task<bool> RequeueAsync(string position)
    {
        if (await EntryAsync(position) is not { } entry)
        {
            return false;
        }

        RedisValue[] values =
        [
            position,
            _highWaterMark,
            .. entry.Values.Where(field => !OwnFields.Contains((string?)field.Name)).SelectMany(field => new[] { field.Name, field.Value }),
        ];
        var requeued = (int)await redis.GetDatabase().ScriptEvaluateAsync(RequeueScript, [_stream, _dead], values).WaitAsync(Deadlines.Answer);
        return requeued < 0 ? throw new StreamFullException() : requeued == 1;
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
        var fields = entry.Values.ToDictionary(field => (string)field.Name!, field => field.Value);
        string Text(string name) => fields.TryGetValue(name, out var value) ? Encoding.UTF8.GetString((byte[]?)value ?? []) : "";
        var failedAt = long.TryParse(Text("failedAt"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : 0;
        return new SetAside(
            entry.Id!,
            Text("reason"),
            Text("source"),
            int.TryParse(Text("deliveries"), NumberStyles.None, CultureInfo.InvariantCulture, out var deliveries) ? deliveries : 0,
            DateTimeOffset.FromUnixTimeMilliseconds(failedAt),
            Text("kind"),
            Text("tap"),
            Guid.TryParse(Text("id"), out var id) ? id : null,
            Text("body")
        );
    }
}
