using System.Diagnostics;
using Benchmarks.Bare;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>Workers that find many entries waiting: stream to committed rows.</summary>
internal static class Store
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        var count = run.Either(1_000_000, 5_000);
        var (inserts, one, two) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < run.Rounds; round++)
        {
            inserts.Add(await BareStores.InsertAsync(run, count));
            one.Add(await DrainAsync(run, count, workers: 1));
            two.Add(await DrainAsync(run, count, workers: 2));
        }

        return
        [
            new($"{count:N0} waiting, one worker", "pours/s", one) { Against = new("bare INSERT", inserts), MustReach = Bound.AtLeast(0.6) },
            new($"{count:N0} waiting, two workers", "pours/s", two) { Against = new("one worker", one), MustReach = Bound.AtLeast(1) },
        ];
    }

    /// <summary>Lets workers store what waits.</summary>
    /// <returns>Pours a second, once a fifth of them is stored: how long services take to start and to be fast is told by <see cref="Growth"/>.</returns>
    public static async Task<double> DrainAsync(Run run, int count, int workers)
    {
        await using var services = await Services.OwnAsync(run);
        await WaitingPours.AppendAsync(services.Settings, count);
        var starting = services.StartWorkersAsync(workers);
        long first;
        while ((first = await services.Pours.NewestAsync()) < count / 5)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), run.Stopping);
        }

        var start = Stopwatch.GetTimestamp();
        var end = await services.Pours.StoredAsync(0, count);
        await starting;
        return (count - first) / Stopwatch.GetElapsedTime(start, end).TotalSeconds;
    }
}
