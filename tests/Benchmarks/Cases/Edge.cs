using Benchmarks.Bare;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>The MQTT front door alone: PUBLISH with QoS 1, the stream, PUBACK.</summary>
internal static class Edge
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        await using var bare = await BareServer.MqttAsync(run);
        await using var services = await Services.CreateAsync(run);
        await services.StartBridgeAsync();
        var before = await services.Pours.NewestAsync();
        var (figures, accepted) = (new List<Figure>(), 0L);
        foreach (var shape in MqttShape.All(run))
        {
            var (ceilings, rates) = (new List<double>(), new List<double>());
            for (var round = 0; round < run.Rounds; round++)
            {
                ceilings.Add((await shape.MeasureAsync(run, bare.Port)).PerSecond);
                var edge = await shape.MeasureAsync(run, services.MqttPort);
                rates.Add(edge.PerSecond);
                accepted += edge.Acknowledged;
            }

            figures.Add(
                new Figure($"PUBLISH to PUBACK, {shape}", "pours/s", rates)
                {
                    Against = new("MQTTnet's listener", ceilings),
                    MustReach = Bound.AtLeast(0.8),
                }
            );
        }

        Run.Say($"Storing the {accepted:N0} pours that were acknowledged");
        await services.StartWorkersAsync(1);
        await services.Pours.StoredAsync(before, accepted);
        return figures;
    }
}
