using System.Collections.Concurrent;
using System.Net;
using Mqtt.Bridge.Clients;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class StatusTests(RedisServer redis)
{
    [Theory]
    [InlineData(5, 0x8D)]
    [InlineData(4, null)]
    public async Task A_tap_that_falls_silent_is_disconnected_after_its_keep_alive_and_its_will_says_so(byte level, int? told)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7, keepAlive: 1, will: true);
        await tap.SendAsync(RawTap.Publish(level, 1, 1, "taps/7/status", "online"));
        var presence = bridge.Get<TapPresence>();
        await Eventually.TrueAsync(async () => (await presence.OnlineAsync([7])).Count == 1, "it is taken for online");

        Assert.Equal(told, await tap.EndAsync());

        await Eventually.TrueAsync(async () => (await presence.OnlineAsync([7])).Count == 0, "nobody takes it for online");
        await Eventually.TrueAsync(async () => await RetainedAsync(bridge) == "offline", "its will is kept");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public async Task A_tap_that_takes_over_from_its_stale_connection_stays_online(byte level)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var stale = await RawTap.ConnectAsync(bridge.Port, level, 7, will: true);
        await stale.SendAsync(RawTap.Publish(level, 1, 1, "taps/7/status", "online"));
        Assert.Equal(0x40, (await stale.ReadAsync())![0]);

        // The same client id, after a loss of Wi-Fi that the bridge has not noticed.
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7, will: true);
        await tap.SendAsync(RawTap.Publish(level, 1, 2, "taps/7/status", "online"));
        Assert.Equal(0x40, (await tap.ReadAsync())![0]);

        Assert.Equal(level == 5 ? 0x8E : null, await stale.EndAsync());
        Assert.Equal("online", await RetainedAsync(bridge));
        await bridge.OnlineAsync(7);
    }

    [Theory]
    [InlineData("ONLINE", "online")]
    [InlineData("Offline", "offline")]
    public async Task A_status_may_be_written_in_any_case(string said, string retained)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");

        Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/status", said))).IsSuccess);

        Assert.Equal(retained, await RetainedAsync(bridge));
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task An_empty_status_clears_what_is_retained()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        await tap.PublishAsync(PourTests.Pour("taps/7/status", "online"));
        Assert.Equal(1, await bridge.RetainedAsync());

        Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/status", ""))).IsSuccess);

        Assert.Equal(0, await bridge.RetainedAsync());
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_will_does_not_overtake_what_another_connection_of_its_tap_says()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var listener = await bridge.ConnectAsync();
        var heard = new ConcurrentQueue<string>();
        listener.ApplicationMessageReceivedAsync += message =>
        {
            heard.Enqueue(message.ApplicationMessage.ConvertPayloadToString() ?? "");
            return Task.CompletedTask;
        };
        await listener.SubscribeAsync("taps/7/status", MqttQualityOfServiceLevel.AtLeastOnce);
        using var tap = await bridge.ConnectAsync("7");
        await tap.PublishStringAsync("taps/7/status", "online", MqttQualityOfServiceLevel.AtLeastOnce, retain: true);
        using (await RawTap.ConnectAsync(bridge.Port, 5, 7, will: true))
        {
            await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 3), "all are in");
        }

        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 2), "one is gone");
        Assert.Equal("online", await RetainedAsync(bridge));
        await bridge.OnlineAsync(7);
        await tap.PublishStringAsync("taps/7/status", "online", MqttQualityOfServiceLevel.AtLeastOnce, retain: true);
        await Eventually.TrueAsync(() => Task.FromResult(heard.Count >= 2), "what was told is heard");
        Assert.Equal(["online", "online"], heard);

        await tap.DisconnectAsync();
        await Eventually.TrueAsync(async () => await RetainedAsync(bridge) == "offline", "the tap is offline with its last connection");
    }

    [Fact]
    public async Task The_will_of_the_connection_that_said_online_counts_although_its_tap_has_another()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var other = await bridge.ConnectAsync("7");
        using (var tap = await RawTap.ConnectAsync(bridge.Port, 4, 7, will: true))
        {
            await tap.SendAsync(RawTap.Publish(4, 1, 1, "taps/7/status", "online"));
            Assert.Equal(0x40, (await tap.ReadAsync())![0]);
            Assert.Equal("online", await RetainedAsync(bridge));
        }

        await Eventually.TrueAsync(async () => await RetainedAsync(bridge) == "offline", "the will is told");
        await bridge.OnlineAsync(7);
    }

    [Fact]
    public void An_older_connection_takes_nothing_with_it_in_whatever_order_they_come_and_go()
    {
        var registry = new ClientRegistry();
        TapClient[] clients = [Client(), Client()];
        foreach (var (first, second) in (ValueTuple<int, int>[])[(0, 1), (1, 0)])
        {
            Assert.True(registry.TryAdd(clients[0]) && registry.TryAdd(clients[1]));

            Assert.True(registry.Remove(clients[first]));
            Assert.False(registry.Remove(clients[first]));
            Assert.Equal((1, true), (registry.Count, registry.Has(7)));
            Assert.Same(clients[second], registry.Find("tap-7"));

            Assert.True(registry.Remove(clients[second]));
            Assert.Equal((0, false), (registry.Count, registry.Has(7)));
        }

        static TapClient Client() => new(7, "tap-7", IPAddress.Loopback) { DisconnectAsync = () => Task.CompletedTask };
    }

    private static async Task<string> RetainedAsync(TestBridge bridge)
    {
        using var listener = await bridge.ConnectAsync();
        var status = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        listener.ApplicationMessageReceivedAsync += message =>
        {
            status.TrySetResult(message.ApplicationMessage.ConvertPayloadToString() ?? "");
            return Task.CompletedTask;
        };
        await listener.SubscribeAsync("taps/7/status", MqttQualityOfServiceLevel.AtLeastOnce);
        return await status.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
