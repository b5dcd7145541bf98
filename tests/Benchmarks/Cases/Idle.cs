using Benchmarks.Results;
using StackExchange.Redis;

namespace Benchmarks.Cases;

/// <summary>All services with nothing to do: no tap, no page, no request.</summary>
internal static class Idle
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        await using var services = await Services.WholeAsync(run);
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{run.Servers.Redis.ConnectionString},allowAdmin=true");
        // Some pours, so that every part has worked once, and then time to come to rest.
        await Line.MeasureAsync(run, services, MqttShape.All(run)[0], warmUp: 0, seconds: run.Either(5, 0.1));
        await Task.Delay(TimeSpan.FromSeconds(run.Either(60, 0.5)), run.Stopping);

        var before = services.Running.Select(service => ProcessUse.Of(service.Process.Id)).ToList();
        var (commandsBefore, start) = (await CommandsAsync(redis), TimeProvider.System.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(run.Either(60, 1)), run.Stopping);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        // The question itself is one of them.
        var commands = (await CommandsAsync(redis) - commandsBefore - 1) / seconds;

        var used = services
            .Running.Zip(before, (service, was) => (service.Name, Was: was, Is: ProcessUse.Of(service.Process.Id)))
            .Select(service =>
                (
                    service.Name,
                    Cpu: 100 * (service.Is.CpuSeconds - service.Was.CpuSeconds) / seconds,
                    WakeUps: service.Is.WakeUpsSince(service.Was) / seconds
                )
            )
            .OrderBy(service => service.Name)
            .ToList();
        return
        [
            new("CPU of all services", "% of a core", [used.Sum(service => service.Cpu)]) { MustReach = Bound.AtMost(3) },
            new("commands that Redis gets", "per second", [commands]) { MustReach = Bound.AtMost(20) },
            .. used.Select(service => new Figure($"CPU of {service.Name}", "% of a core", [service.Cpu])),
            .. used.Select(service => new Figure($"wake-ups of {service.Name}", "per second", [service.WakeUps])),
        ];
    }

    private static async Task<long> CommandsAsync(ConnectionMultiplexer redis)
    {
        var stats = await redis.GetServers()[0].InfoAsync("stats");
        return long.Parse(stats[0].First(line => line.Key == "total_commands_processed").Value);
    }
}
