using Benchmarks.Load;
using Benchmarks.Results;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Taps;

namespace Benchmarks.Cases;

/// <summary>Many taps connected to one bridge, each with its token and a subscription to its receipts.</summary>
internal static class Taps
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Run run)
    {
        var count = run.Either(10_000, 100);
        await using var services = await Services.CreateAsync(run);
        var tokens = await RegisterAsync(services, count);
        await services.StartBridgeAsync();
        var bridge = services.Running.First(service => service.Name == "Mqtt.Bridge").Process.Id;

        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, tokens, run.Stopping);
            var before = ProcessUse.Of(bridge);
            await using var taps = Child.Start(Roles.QuietTaps, new QuietTapsOptions(services.MqttPort, file, run.Either(60, 2), run.Either(120, 1)));
            var connected = await taps.ReadAsync<TapsConnected>(run.Stopping);
            var stayed = await taps.ReadAsync<TapsStayed>(run.Stopping);
            var after = ProcessUse.Of(bridge);
            return
            [
                new($"taps of {count:N0} there at the end", "taps", [stayed.There]) { MustReach = Bound.AtLeast(count) },
                new("memory of the bridge for each tap", "KB", [(after.MemoryBytes - before.MemoryBytes) / 1_024.0 / count])
                {
                    MustReach = Bound.AtMost(20),
                },
                new("memory of the bridge", "MB", [after.MemoryBytes / (1_024.0 * 1_024)]),
                new("until all were connected", "s", [connected.Seconds]),
                new("CPU of the bridge, connecting too", "s", [after.CpuSeconds - before.CpuSeconds]),
            ];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string[]> RegisterAsync(Services services, int count)
    {
        await using var host = TaproomHost.Create(services.Settings);
        string[] tokens = [.. Enumerable.Range(1, count).Select(TapTokens.Create)];
        await host
            .Services.GetRequiredService<TapTokens>()
            .LoadAsync(tokens.Index().ToDictionary(token => token.Index + 1, token => TapTokens.Hash(token.Item)));
        return tokens;
    }
}
