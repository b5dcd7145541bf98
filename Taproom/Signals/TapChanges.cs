using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Signals;

/// <summary>Tells live readers over Redis pub/sub that a tap was registered, renamed, calibrated or removed, or has another keg.</summary>
/// <remarks>At most once, and only after the change is committed: the store is what counts.</remarks>
public sealed class TapChanges(Subscriptions subscriptions, IOptions<IngestOptions> options)
{
    private readonly RedisChannel _channel = RedisChannel.Literal(options.Value.TapChannel);

    /// <summary>Publishes the id of a changed tap to whoever listens now; without Redis nobody is told.</summary>
    public Task PublishAsync(int tapId) => subscriptions.TellAsync(_channel, tapId);

    /// <summary>Calls <paramref name="changed"/> with the id of each tap that is changed from now on, until cancelled.</summary>
    public Task SubscribeAsync(Action<int> changed, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(_channel, tapId => changed((int)tapId), cancellationToken);
}
