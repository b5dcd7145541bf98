using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mqtt.Bridge.Upstream;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Bridges that join a broker.</summary>
internal static class UpstreamBridges
{
    /// <summary>Starts a bridge and waits until it has joined.</summary>
    public static async Task<TestBridge> JoinAsync(
        this MosquittoBroker broker,
        RedisServer redis,
        string clientId,
        params (string Key, string Value)[] overrides
    )
    {
        var bridge = await broker.StartBridgeAsync(redis, clientId, overrides);
        await bridge.JoinedAsync();
        return bridge;
    }

    /// <summary>Starts a bridge that tries to join.</summary>
    public static Task<TestBridge> StartBridgeAsync(
        this MosquittoBroker broker,
        RedisServer redis,
        string clientId,
        params (string Key, string Value)[] overrides
    ) =>
        TestBridge.StartAsync(
            redis,
            [
                ("Mqtt:Upstream", $"mqtt://127.0.0.1:{broker.Port}"),
                ("Mqtt:UpstreamClientId", clientId),
                ("Mqtt:UpstreamMaxBackoff", "00:00:01"),
                ("Mqtt:UpstreamTimeout", "00:00:02"),
                .. overrides,
            ]
        );

    /// <summary>Waits until a bridge has joined its broker.</summary>
    public static Task JoinedAsync(this TestBridge bridge) =>
        Eventually.TrueAsync(async () => await bridge.HealthAsync("upstream") == HealthStatus.Healthy, "the broker is joined");

    /// <summary>Starts two bridges with one stream.</summary>
    public static async Task<(TestBridge One, TestBridge Two)> JoinTwoAsync(this MosquittoBroker broker, RedisServer redis)
    {
        var one = await broker.JoinAsync(redis, "one");
        var two = await one.StartBesideAsync(("Mqtt:UpstreamClientId", "two"));
        await two.JoinedAsync();
        return (one, two);
    }

    /// <summary>Waits until one of some bridges leads.</summary>
    public static Task<TestBridge> LeaderOfAsync(params TestBridge[] bridges) =>
        Eventually.ValueAsync(
            () => Task.FromResult(bridges.SingleOrDefault(bridge => bridge.Get<UpstreamLead>().IsOurs)),
            "one of the bridges leads"
        );

    /// <summary>Waits until these of the taps 7 and 8 are online, and no other.</summary>
    public static Task OnlineAsync(this TestBridge bridge, params int[] taps) =>
        Eventually.TrueAsync(
            async () => (await bridge.Get<TapPresence>().OnlineAsync([7, 8])).SetEquals(taps),
            $"online are: {string.Join(", ", taps)}"
        );

    /// <summary>Those of some taps that are connected.</summary>
    public static async Task<IReadOnlySet<int>> OnlineAsync(this TapPresence presence, IReadOnlyList<int> taps) =>
        (await presence.FindAsync(taps)).Where(tap => tap.Value).Select(tap => tap.Key).ToHashSet();
}
