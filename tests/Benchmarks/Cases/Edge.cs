using Benchmarks.Bare;
using Benchmarks.Results;

namespace Benchmarks.Cases;

/// <summary>The MQTT front door alone: PUBLISH with QoS 1, the stream, PUBACK.</summary>
internal static class Edge
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        await using var bare = await BareServer.MqttAsync(run);
        await using var appending = await BareServer.MqttAsync(run, onKestrel: true, appends: true);
        await using var services = await Services.CreateAsync(run);
        await services.StartBridgeAsync();
        var before = await services.Pours.NewestAsync();
        var (figures, accepted) = (new List<Figure>(), 0L);
        foreach (var shape in MqttShape.All(run))
        {
            var (ceilings, appends, rates) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < run.Rounds; round++)
            {
                ceilings.Add((await shape.MeasureAsync(run, bare.Port)).PerSecond);
                appends.Add((await shape.MeasureAsync(run, appending.Port)).PerSecond);
                await BareStores.ClearAsync(run);
                var edge = await shape.MeasureAsync(run, services.MqttPort);
                rates.Add(edge.PerSecond);
                accepted += edge.Acknowledged;
            }

            var ceiling = new Ceiling("MQTTnet's listener", ceilings);
            figures.Add(new Figure($"PUBLISH to PUBACK, {shape}", "pours/s", rates) { Against = ceiling, MustReach = Bound.AtLeast(0.8) });
            figures.Add(new Figure($"MQTTnet on Kestrel that only appends, {shape}", "pours/s", appends) { Against = ceiling });
        }

        Run.Say($"Storing the {accepted:N0} pours that were acknowledged");
        await services.StartWorkersAsync(1);
        await services.Pours.StoredAsync(before, accepted);
        return figures;
    }
}
