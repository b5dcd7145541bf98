using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Taproom.Signals;

/// <summary>Subscribes to channels of Redis, and tries until Redis is there; tells what somebody may want to hear.</summary>
public sealed partial class Subscriptions(IConnectionMultiplexer redis, TimeProvider time, ILogger<Subscriptions> logger)
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(2);

    /// <summary>Calls <paramref name="received"/> with each message from now on, until cancelled; calls can overlap and change places.</summary>
    /// <remarks>Returns when the subscription is made. The client renews it itself after a lost connection.</remarks>
    /// <param name="channel">The channel.</param>
    /// <param name="received">Takes a message; it may not block.</param>
    /// <param name="cancellationToken">Ends the attempts, and the subscription.</param>
    public async Task SubscribeAsync(RedisChannel channel, Action<RedisValue> received, CancellationToken cancellationToken)
    {
        var subscriber = redis.GetSubscriber();
        Action<RedisChannel, RedisValue> handler = (_, message) => received(message);
        for (var failures = 1; ; failures++)
        {
            try
            {
                await subscriber.SubscribeAsync(channel, handler);
                cancellationToken.UnsafeRegister(_ => Unsubscribe(subscriber, channel, handler), null);
                return;
            }
            catch (Exception ex) when (ex is RedisException or TimeoutException)
            {
                LogFailed(channel, ex.Message);
                // The client keeps the handler of a failed subscription; with the next attempt every message would come twice.
                // Redis is told, but not waited for: it may have no answer to that either.
                Unsubscribe(subscriber, channel, handler);
                await Task.Delay(Backoff.After(failures, MaxBackoff), time, cancellationToken);
            }
        }
    }

    /// <summary>Publishes a message to whoever listens now; without Redis nobody is told, and what it tells of is done all the same.</summary>
    public async Task TellAsync(RedisChannel channel, RedisValue message)
    {
        try
        {
            await redis.GetSubscriber().PublishAsync(channel, message).WaitAsync(Deadlines.Lookup);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            LogUntold(channel, message, ex.Message);
        }
    }

    private static void Unsubscribe(ISubscriber subscriber, RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        try
        {
            subscriber.Unsubscribe(channel, handler, CommandFlags.FireAndForget);
        }
        catch (ObjectDisposedException)
        {
            // The service ends, and its connection has gone first.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Channel {Channel} cannot be subscribed to at the moment: {Message}")]
    private partial void LogFailed(RedisChannel channel, string message);

    [LoggerMessage(LogLevel.Warning, "Listeners of channel {Channel} are not told of {Told}: {Message}")]
    private partial void LogUntold(RedisChannel channel, RedisValue told, string message);
}
