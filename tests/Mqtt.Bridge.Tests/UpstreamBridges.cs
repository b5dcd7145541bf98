using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom.Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Bridges that join a broker.</summary>
internal static class UpstreamBridges
{
    /// <summary>Starts a bridge and waits until it has joined.</summary>
    public static async Task<TestBridge> JoinAsync(
        this MosquittoBroker broker, RedisServer redis, string clientId, params (string Key, string Value)[] overrides)
    {
        var bridge = await broker.StartBridgeAsync(redis, clientId, overrides);
        await bridge.JoinedAsync();
        return bridge;
    }

    /// <summary>Starts a bridge that tries to join.</summary>
    public static Task<TestBridge> StartBridgeAsync(
        this MosquittoBroker broker, RedisServer redis, string clientId, params (string Key, string Value)[] overrides) =>
        TestBridge.StartAsync(
            redis,
            [
                ("Mqtt:Upstream", $"mqtt://127.0.0.1:{broker.Port}"),
                ("Mqtt:UpstreamClientId", clientId),
                ("Mqtt:UpstreamMaxBackoff", "00:00:01"),
                ("Mqtt:UpstreamTimeout", "00:00:02"),
                .. overrides,
            ]);

    /// <summary>Starts a second bridge at the broker of this one, with its stream, and waits until it has joined.</summary>
    public static async Task<TestBridge> JoinBesideAsync(this TestBridge bridge, string clientId)
    {
        var second = await bridge.StartBesideAsync(("Mqtt:UpstreamClientId", clientId));
        await second.JoinedAsync();
        return second;
    }

    /// <summary>Waits until a bridge has joined its broker.</summary>
    public static Task JoinedAsync(this TestBridge bridge) =>
        Eventually.TrueAsync(async () => await bridge.HealthAsync("upstream") == HealthStatus.Healthy, "the broker is joined");
}
