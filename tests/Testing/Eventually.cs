using System.Diagnostics;

namespace Testing;

/// <summary>Waits for what becomes true by itself, with a deadline; tests never sleep for a fixed time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Asked again and again; exceptions of a server that is not up yet belong inside it.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="deadline">How long at most; a minute by default, generous because machines are shared.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? deadline = null) =>
        await ValueAsync(async () => await condition() ? new object() : null, what, deadline);

    /// <summary>Waits until <paramref name="probe"/> gives something, and returns it.</summary>
    /// <param name="probe">As the condition of <see cref="TrueAsync"/>.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="deadline">How long at most; a minute by default.</param>
    /// <param name="interval">How long nothing is asked after each time, for what costs much to ask; 20 ms by default.</param>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public static async Task<T> ValueAsync<T>(Func<Task<T?>> probe, string what, TimeSpan? deadline = null, TimeSpan? interval = null)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await probe() is { } value)
            {
                return value;
            }

            if (watch.Elapsed > (deadline ?? DefaultDeadline))
            {
                throw new TimeoutException($"Waited {watch.Elapsed.TotalSeconds:0.0} s in vain: {what}.");
            }

            await Task.Delay(interval ?? Interval);
        }
    }
}
