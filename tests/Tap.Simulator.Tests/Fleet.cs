using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Tap.Simulator.Tests;

/// <summary>A simulator in the process of the test, wired as in production, with three busy taps.</summary>
internal static class Fleet
{
    public static async Task<WebApplication> StartAsync(int mqttPort, params IEnumerable<(string Key, string Value)> overrides)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["urls"] = "http://127.0.0.1:0",
                ["services:mqtt-bridge:mqtt:0"] = $"tcp://127.0.0.1:{mqttPort}",
                ["Simulator:MinPause"] = "00:00:00.010",
                ["Simulator:MaxPause"] = "00:00:00.050",
                ["Simulator:MaxBackoff"] = "00:00:00.5",
                ["Simulator:Seed"] = "7",
            }
        );
        builder.Configuration.AddInMemoryCollection(overrides.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddSimulator();
        var app = builder.Build();
        app.MapSimulator();
        await app.StartAsync();
        return app;
    }
}
