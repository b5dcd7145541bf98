using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Signals;

/// <summary>Commands to taps, in Redis until the tap has acknowledged them.</summary>
/// <remarks>At least once, in order: a tap may get a command twice, with the same id.</remarks>
public sealed class TapCommands(IConnectionMultiplexer redis, Subscriptions subscriptions, IOptions<IngestOptions> options)
{
    /// <summary>Most commands that wait for one tap.</summary>
    public const int MaxWaiting = 100;

    /// <summary>How long a command waits for a tap that does not come.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private readonly string _key = options.Value.CommandsKey;

    private RedisChannel Channel => RedisChannel.Literal(_key);

    /// <summary>Queues a command and tells the bridges.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="json">The command as the tap gets it.</param>
    /// <returns>False when too many commands wait for this tap.</returns>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<bool> QueueAsync(int tapId, string json)
    {
        var database = redis.GetDatabase();
        if (await database.ListLengthAsync(KeyOf(tapId)) >= MaxWaiting)
        {
            return false;
        }

        await database.ListRightPushAsync(KeyOf(tapId), json);
        await database.KeyExpireAsync(KeyOf(tapId), KeptFor);
        await redis.GetSubscriber().PublishAsync(Channel, tapId);
        return true;
    }

    /// <summary>The commands that wait for a tap, oldest first.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<IReadOnlyList<string>> WaitingAsync(int tapId) =>
        [.. (await redis.GetDatabase().ListRangeAsync(KeyOf(tapId))).Select(command => (string)command!)];

    /// <summary>A tap has a command.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task DoneAsync(int tapId, string json) => redis.GetDatabase().ListRemoveAsync(KeyOf(tapId), json, 1);

    /// <summary>Takes back all commands of a tap that was removed: one that is registered with its number later must not get them.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public Task RemoveAllAsync(int tapId) => redis.GetDatabase().KeyDeleteAsync(KeyOf(tapId));

    /// <summary>Calls <paramref name="queued"/> with the tap of each command that is queued from now on.</summary>
    public Task SubscribeAsync(Action<int> queued, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(Channel, tapId => queued((int)tapId), cancellationToken);

    private RedisKey KeyOf(int tapId) => string.Create(CultureInfo.InvariantCulture, $"{_key}:{tapId}");
}
