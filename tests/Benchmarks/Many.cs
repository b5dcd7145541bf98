namespace Benchmarks;

/// <summary>Does a thing many times.</summary>
internal static class Many
{
    /// <summary>Runs <paramref name="action"/> <paramref name="count"/> times with at most <paramref name="atOnce"/> at once.</summary>
    public static Task TimesAsync(int count, int atOnce, Func<int, Task> action)
    {
        var next = -1;
        return Task.WhenAll(
            Enumerable
                .Range(0, atOnce)
                .Select(async _ =>
                {
                    for (var n = Interlocked.Increment(ref next); n < count; n = Interlocked.Increment(ref next))
                    {
                        await action(n);
                    }
                })
        );
    }
}
