using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Taps;
using Taproom.Testing;

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
        Assert.Equal([7], await presence.OnlineAsync([7]));

        Assert.Equal(told, await tap.EndAsync());

        await Eventually.TrueAsync(async () => (await presence.OnlineAsync([7])).Count == 0, "nobody takes it for online");
        Assert.Equal("offline", await RetainedAsync(bridge));
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
        Assert.Equal([7], await bridge.Get<TapPresence>().OnlineAsync([7]));
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
        return await status.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
