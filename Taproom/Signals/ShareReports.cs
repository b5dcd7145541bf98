using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Store;

namespace Taproom.Signals;

/// <summary>Tells the bridges over Redis pub/sub which share of all beers each tap has poured.</summary>
/// <remarks>At most once: whoever misses a report gets the next.</remarks>
public sealed class ShareReports(IConnectionMultiplexer redis, Subscriptions subscriptions, IOptions<IngestOptions> options)
{
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(1);

    private readonly string _channel = options.Value.ReportChannel;

    /// <summary>Publishes a report, unless another replica has just published the one of the same number of beers.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task PublishAsync(SharesReport report)
    {
        if (await redis.GetDatabase().StringSetAsync($"{_channel}:{report.Total}", 1, RememberFor, When.NotExists))
        {
            await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(_channel), report.ToJson());
        }
    }

    /// <summary>Calls <paramref name="reported"/> with the JSON of each report from now on.</summary>
    public Task SubscribeAsync(Action<string> reported, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(RedisChannel.Literal(_channel), report => reported((string)report!), cancellationToken);
}
