using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom.Signals;

/// <summary>Subscribes to a channel of Redis so that it can be tried again.</summary>
internal static class Subscriptions
{
    /// <summary>Calls <paramref name="heard"/> with each message from now on; calls can overlap and change places.</summary>
    /// <remarks>The client renews the subscription itself after a lost connection.</remarks>
    /// <exception cref="RedisException">Redis refused, or cannot be reached; <paramref name="heard"/> is not called.</exception>
    /// <exception cref="TimeoutException">Redis did not answer in time; <paramref name="heard"/> is not called.</exception>
    public static async Task ListenAsync(this IConnectionMultiplexer redis, RedisChannel channel, Action<RedisValue> heard)
    {
        var subscriber = redis.GetSubscriber();
        Action<RedisChannel, RedisValue> handler = (_, message) => heard(message);
        try
        {
            await subscriber.SubscribeAsync(channel, handler);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The client keeps the handler of a subscription that failed, so after another try every message would come twice.
            await subscriber.UnsubscribeAsync(channel, handler);
            throw;
        }
    }
}
