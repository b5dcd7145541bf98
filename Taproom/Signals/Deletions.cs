using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Signals;

/// <summary>Tells live readers over Redis pub/sub that a pour was deleted.</summary>
/// <remarks>At most once, and only after the deletion is committed: the store is what counts.</remarks>
public sealed partial class Deletions(
    IConnectionMultiplexer redis,
    Subscriptions subscriptions,
    IOptions<IngestOptions> options,
    ILogger<Deletions> logger
)
{
    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.DeletionChannel);

    /// <summary>Publishes the id of a deleted pour to whoever listens now; without Redis nobody is told.</summary>
    public async Task PublishAsync(Guid id)
    {
        try
        {
            await redis.GetSubscriber().PublishAsync(_channel, id.ToString()).WaitAsync(Deadlines.Lookup);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The pour is deleted all the same, and that is the answer.
            LogUntold(id, ex.Message);
        }
    }

    /// <summary>Calls <paramref name="deleted"/> with the id of each pour that is deleted from now on, until cancelled.</summary>
    public Task SubscribeAsync(Action<Guid> deleted, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(_channel, id => deleted(Guid.Parse((string)id!)), cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Listeners are not told that pour {Id} was deleted: {Message}")]
    private partial void LogUntold(Guid id, string message);
}
