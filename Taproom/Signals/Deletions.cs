using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Signals;

/// <summary>Tells live readers over Redis pub/sub that a pour was deleted.</summary>
/// <remarks>At most once, and only after the deletion is committed: the store is what counts.</remarks>
public sealed class Deletions(Subscriptions subscriptions, IOptions<IngestOptions> options)
{
    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.DeletionChannel);

    /// <summary>Publishes the id of a deleted pour to whoever listens now; without Redis nobody is told.</summary>
    public Task PublishAsync(Guid id) => subscriptions.TellAsync(_channel, id.ToString());

    /// <summary>Calls <paramref name="deleted"/> with the id of each pour that is deleted from now on, until cancelled.</summary>
    public Task SubscribeAsync(Action<Guid> deleted, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(_channel, id => deleted(Guid.Parse((string)id!)), cancellationToken);
}
