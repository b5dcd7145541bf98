using System.Diagnostics;
using Benchmarks.Bare;
using Benchmarks.Load;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>The whole line: all services, one page open, from PUBLISH to the row in Postgres.</summary>
internal static class Line
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        await using var bare = await BareServer.MqttAsync(run);
        await using var services = await Services.WholeAsync(run);
        await services.OpenPageAsync();
        var figures = new List<Figure>();
        foreach (var shape in MqttShape.All(run))
        {
            var (ceilings, stored, acknowledged) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < run.Rounds; round++)
            {
                ceilings.Add((await shape.MeasureAsync(run, bare.Port)).PerSecond);
                var rates = await MeasureAsync(run, services, shape, warmUp: run.Either(20, 0.2), seconds: run.Either(60, 0.5));
                stored.Add(rates.Stored);
                acknowledged.Add(rates.Acknowledged);
            }

            var ceiling = new Ceiling("MQTTnet's listener", ceilings);
            figures.Add(new Figure($"PUBLISH to row, {shape}", "pours/s", stored) { Against = ceiling, MustReach = Bound.AtLeast(0.5) });
            figures.Add(new Figure($"PUBLISH to PUBACK meanwhile, {shape}", "pours/s", acknowledged) { Against = ceiling });
        }

        return figures;
    }

    /// <summary>Publishes for some time, and waits until all of it is stored, each pour once.</summary>
    /// <returns>Pours stored a second from the end of the warm-up until the last one was there, and pours acknowledged a second.</returns>
    public static async Task<(double Stored, double Acknowledged)> MeasureAsync(
        Run run,
        Services services,
        MqttShape shape,
        double warmUp,
        double seconds
    )
    {
        var before = await services.Pours.NewestAsync();
        await using var load = shape.Start(services.MqttPort, warmUp, seconds);
        await load.ReadAsync<WindowOpened>(run.Stopping);
        var (warm, start) = (await services.Pours.NewestAsync(), Stopwatch.GetTimestamp());
        var result = await load.ReadAsync<MqttLoadResult>(run.Stopping);
        var end = await services.Pours.StoredAsync(before, result.Acknowledged);
        return ((before + result.Acknowledged - warm) / Stopwatch.GetElapsedTime(start, end).TotalSeconds, result.PerSecond);
    }
}
