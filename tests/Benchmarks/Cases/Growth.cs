using Benchmarks.Load;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>The line at once after its start, on an empty table and on a full one, and the memory of the services under a long load.</summary>
internal static class Growth
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        var (count, shape) = (run.Either(10_000_000, 10_000), MqttShape.All(run)[0]);
        await using var full = await PourTable.CreateAsync(run);
        Run.Say($"Making {count:N0} pours");
        await full.FillAsync(count);
        await using var services = await Services.WholeAsync(run, full);
        var (begun, empty, grown) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < run.Rounds; round++)
        {
            await using (var fresh = await Services.WholeAsync(run))
            {
                begun.Add((await Line.MeasureAsync(run, fresh, shape, warmUp: run.Either(5, 0.1), seconds: run.Either(2, 0.1))).Stored);
                empty.Add(await MeasureAsync(run, fresh, shape));
            }

            grown.Add(await MeasureAsync(run, services, shape));
        }

        return
        [
            new($"PUBLISH to row in seconds 5 to 7 of the first load after a start, {shape}", "pours/s", begun)
            {
                Against = new("later", empty),
                MustReach = Bound.AtLeast(0.5),
            },
            new($"PUBLISH to row at {count:N0} stored pours, {shape}", "pours/s", grown)
            {
                Against = new("an empty table", empty),
                MustReach = Bound.AtLeast(0.9),
            },
            .. await MemoryAsync(run, services, shape),
        ];
    }

    private static async Task<double> MeasureAsync(Run run, Services services, MqttShape shape) =>
        (await Line.MeasureAsync(run, services, shape, warmUp: run.Either(20, 0.2), seconds: run.Either(30, 0.5))).Stored;

    private static async Task<IEnumerable<Figure>> MemoryAsync(Run run, Services services, MqttShape shape)
    {
        var (early, late) = run.Either((60.0, 600.0), (0.3, 0.8));
        var before = await services.Pours.NewestAsync();
        await using var load = shape.Start(services.MqttPort, early, late - early);
        await load.ReadAsync<WindowOpened>(run.Stopping);
        var first = MemoryMb(services);
        var result = await load.ReadAsync<MqttLoadResult>(run.Stopping);
        var last = MemoryMb(services);
        await services.Pours.StoredAsync(before, result.Acknowledged);
        return services
            .Running.Zip(first, last)
            .OrderBy(service => service.First.Name)
            .Select(service => new Figure($"memory of {service.First.Name} after {late:0.#} s of load", "MB", [service.Third])
            {
                Against = new($"after {early:0.#} s", [service.Second]),
                MustReach = Bound.AtMost(1.2),
            });
    }

    private static List<double> MemoryMb(Services services) =>
        [.. services.Running.Select(service => ProcessUse.Of(service.Process.Id).MemoryBytes / (1_024.0 * 1_024))];
}
