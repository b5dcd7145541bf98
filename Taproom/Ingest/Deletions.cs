using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Tells live readers over Redis pub/sub that a pour was deleted.</summary>
/// <remarks>At most once, and only after the deletion is committed: the store is what counts.</remarks>
public sealed class Deletions(IConnectionMultiplexer redis, IOptions<IngestOptions> options)
{
    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.DeletionChannel);

    /// <summary>Publishes the id of a deleted pour to whoever listens now.</summary>
    public Task PublishAsync(Guid id) => redis.GetSubscriber().PublishAsync(_channel, id.ToString());

    /// <summary>Calls <paramref name="deleted"/> with the id of each pour that is deleted from now on.</summary>
    public Task SubscribeAsync(Action<Guid> deleted) =>
        redis.GetSubscriber().SubscribeAsync(_channel, (_, value) => deleted(Guid.Parse((string)value!)));
}
