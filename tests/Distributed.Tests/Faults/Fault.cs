using Testing;

namespace Distributed.Tests.Faults;

/// <summary>Something that goes wrong, and is right again when it is over.</summary>
/// <param name="Kind">What.</param>
/// <param name="Target">With whom.</param>
/// <param name="RunAsync">Does it, for some time.</param>
internal sealed record Fault(string Kind, string Target, Func<Random, Task> RunAsync)
{
    /// <summary>Every fault of every process and network.</summary>
    /// <remarks>
    /// Of services that run twice only the first is killed and restarted: the memory of the second is measured over the whole run.
    /// </remarks>
    public static IEnumerable<Fault> All(RunningTaproom taproom)
    {
        (string Name, LocalServer[] Processes)[] targets =
        [
            .. taproom
                .Services.GroupBy(service => service.Name.Split('-') is [.. var name, "1" or "2"] ? string.Join('-', name) : service.Name)
                .Select(group => (group.Key, group.ToArray<LocalServer>())),
            ("redis", [taproom.Redis]),
            ("postgres", [taproom.Postgres]),
            ("mosquitto", [taproom.Broker]),
            ("s3", [taproom.Store]),
        ];
        foreach (var (name, processes) in targets)
        {
            yield return new Fault("kill", name, random => KillAsync(processes[0], random));
            yield return new Fault("restart", name, random => RestartAsync(processes[0]));
            yield return new Fault("stop and continue", name, random => PauseAsync(Any(processes, random), random));
        }

        foreach (var (name, relays) in taproom.Networks)
        {
            yield return new Fault("cut in mid-packet", name, random => Any(relays, random).CutAsync());
            yield return new Fault("half-open", name, random => Any(relays, random).SilenceAsync(Seconds(random, 0.5, 3)));
            yield return new Fault(
                "slow",
                name,
                random => Any(relays, random).SlowAsync(Seconds(random, 1, 3), TimeSpan.FromMilliseconds(random.Next(20, 400)))
            );
        }
    }

    private static async Task KillAsync(LocalServer server, Random random)
    {
        var pause = Seconds(random, 0, 2);
        await server.KillAsync();
        await Task.Delay(pause);
        await server.StartAsync();
    }

    private static async Task RestartAsync(LocalServer server)
    {
        await server.StopAsync();
        await server.StartAsync();
    }

    // Longer than a lease, and than the wait for an answer, or shorter.
    private static async Task PauseAsync(LocalServer server, Random random)
    {
        var pause = Seconds(random, 0.2, 5);
        await server.PauseAsync();
        await Task.Delay(pause);
        await server.ResumeAsync();
    }

    private static T Any<T>(IReadOnlyList<T> all, Random random) => all[random.Next(all.Count)];

    private static TimeSpan Seconds(Random random, double least, double most) => TimeSpan.FromSeconds(least + ((most - least) * random.NextDouble()));
}
