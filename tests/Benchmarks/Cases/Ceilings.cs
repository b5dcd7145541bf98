using Benchmarks.Bare;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>What the bare servers do on this machine, with nothing of Taproom in the way.</summary>
internal static class Ceilings
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        await using var own = await BareServer.MqttAsync(run);
        await using var kestrel = await BareServer.MqttAsync(run, onKestrel: true);
        var figures = MqttShape
            .All(run)
            .SelectMany(shape =>
                (Measured[])
                    [
                        new($"QoS 1 acks, MQTTnet's listener, {shape}", async () => (await shape.MeasureAsync(run, own.Port)).PerSecond),
                        new($"QoS 1 acks, MQTTnet on Kestrel, {shape}", async () => (await shape.MeasureAsync(run, kestrel.Port)).PerSecond),
                    ]
            )
            .Append(new($"XADD, {BareStores.InFlight} in flight", () => BareStores.AppendAsync(run, run.Either(500_000, 5_000))))
            .Concat(
                new[] { 1, 2 }.Select(connections => new Measured(
                    $"INSERT by unnest, {BareStores.BatchSize:N0} rows, {connections} at once",
                    () => BareStores.InsertAsync(run, run.Either(500_000, 5_000), connections)
                ))
            )
            .ToList();
        for (var round = 0; round < run.Rounds; round++)
        {
            foreach (var figure in figures)
            {
                figure.Rounds.Add(await figure.MeasureAsync());
            }
        }

        return [.. figures.Select(figure => new Figure(figure.Name, "per second", figure.Rounds))];
    }

    private sealed record Measured(string Name, Func<Task<double>> MeasureAsync)
    {
        public List<double> Rounds { get; } = [];
    }
}
