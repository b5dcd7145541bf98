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
        await using var appending = await BareServer.MqttAsync(run, onKestrel: true, appends: true);
        await using var bareRows = await PourTable.CreateAsync(run);
        await using var services = await Services.WholeAsync(run);
        await services.OpenPageAsync();
        var figures = new List<Figure>();
        foreach (var shape in MqttShape.All(run))
        {
            var (ceilings, bareStored, stored, acknowledged) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < run.Rounds; round++)
            {
                ceilings.Add((await shape.MeasureAsync(run, bare.Port)).PerSecond);
                await using (await BareServer.WorkerAsync(run, bareRows))
                {
                    bareStored.Add((await MeasureAsync(run, appending.Port, bareRows, shape, run.Either(5, 0.2), run.Either(20, 0.5))).Stored);
                }

                await BareStores.ClearAsync(run);
                var rates = await MeasureAsync(run, services, shape, warmUp: run.Either(20, 0.2), seconds: run.Either(60, 0.5));
                stored.Add(rates.Stored);
                acknowledged.Add(rates.Acknowledged);
            }

            var ceiling = new Ceiling("MQTTnet's listener", ceilings);
            figures.Add(new Figure($"PUBLISH to row, {shape}", "pours/s", stored) { Against = ceiling, MustReach = Bound.AtLeast(0.5) });
            figures.Add(new Figure($"MQTTnet on Kestrel, a stream, bare INSERTs: to row, {shape}", "pours/s", bareStored) { Against = ceiling });
            figures.Add(new Figure($"PUBLISH to PUBACK meanwhile, {shape}", "pours/s", acknowledged) { Against = ceiling });
        }

        return figures;
    }

    /// <summary>Publishes for some time, and waits until all of it is stored, each pour once.</summary>
    /// <returns>Pours stored a second from the end of the warm-up until the last one was there, and pours acknowledged a second.</returns>
    public static Task<(double Stored, double Acknowledged)> MeasureAsync(
        Run run,
        Services services,
        MqttShape shape,
        double warmUp,
        double seconds
    ) => MeasureAsync(run, services.MqttPort, services.Pours, shape, warmUp, seconds);

    private static async Task<(double Stored, double Acknowledged)> MeasureAsync(
        Run run,
        int port,
        PourTable pours,
        MqttShape shape,
        double warmUp,
        double seconds
    )
    {
        var before = await pours.NewestAsync();
        await using var load = shape.Start(port, warmUp, seconds);
        await load.ReadAsync<WindowOpened>(run.Stopping);
        var (warm, start) = (await pours.NewestAsync(), Stopwatch.GetTimestamp());
        var result = await load.ReadAsync<MqttLoadResult>(run.Stopping);
        var end = await pours.StoredAsync(before, result.Acknowledged);
        return ((before + result.Acknowledged - warm) / Stopwatch.GetElapsedTime(start, end).TotalSeconds, result.PerSecond);
    }
}
