using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Store;

namespace Taproom.Signals;

/// <summary>Tells live listeners over Redis pub/sub which share of all beers each tap has poured.</summary>
/// <remarks>At most once: whoever misses a report gets the next.</remarks>
public sealed class ShareReports(IConnectionMultiplexer redis, Subscriptions subscriptions, IOptions<IngestOptions> options)
{
    /// <summary>However many workers store, and however fast, there is one report in this time.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // In one step: each ten is told once, however many workers there are and even if one dies here.
    private const string PublishScript = """
        local told = redis.call('HMGET', KEYS[1], 'total', 'at')
        if tonumber(told[1] or 0) >= tonumber(ARGV[1]) then
            redis.call('HSET', KEYS[1], 'total', ARGV[1])
            return 1
        end
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        if math.abs(now - (told[2] or 0)) < tonumber(ARGV[2]) then return 0 end
        redis.call('HSET', KEYS[1], 'total', ARGV[1], 'at', now)
        redis.call('PUBLISH', KEYS[1], ARGV[3])
        return 1
        """;

    private readonly string _channel = options.Value.ReportChannel;

    /// <summary>Publishes a report, unless the newest one covers as many beers.</summary>
    /// <returns>False when it is too early after the newest one.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<bool> PublishAsync(SharesReport report) =>
        (bool)
            await redis
                .GetDatabase()
                .ScriptEvaluateAsync(PublishScript, [_channel], [report.Total, (long)Period.TotalMilliseconds, report.ToJson()])
                .WaitAsync(Deadlines.Answer);

    /// <summary>Calls <paramref name="reported"/> with the JSON of each report from now on, until cancelled.</summary>
    public Task SubscribeAsync(Action<string> reported, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(RedisChannel.Literal(_channel), report => reported((string)report!), cancellationToken);
}
