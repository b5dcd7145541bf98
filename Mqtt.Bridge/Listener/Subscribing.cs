using StackExchange.Redis;

namespace Mqtt.Bridge.Listener;

/// <summary>Waits for Redis where something is to be heard from it.</summary>
internal static class Subscribing
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Tries until a subscription is made; from then on the client renews it itself after a lost connection.</summary>
    /// <param name="time">Of the pauses between attempts.</param>
    /// <param name="subscribe">Makes the subscription.</param>
    /// <param name="failed">Told why an attempt failed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task UntilSubscribedAsync(
        this TimeProvider time,
        Func<Task> subscribe,
        Action<string> failed,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            try
            {
                await subscribe();
                return;
            }
            catch (Exception ex) when (ex is RedisException or TimeoutException)
            {
                failed(ex.Message);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }
}
