using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>What is left of a tap that was removed: nothing that a later tap of its number, or anybody else, could get.</summary>
[Collection(nameof(RedisCollection))]
public sealed class RemovedTapTests(RedisServer redis)
{
    [Fact]
    public async Task A_command_for_a_removed_tap_does_not_come_to_the_next_one_of_its_number()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var commands = bridge.Get<TapCommands>();
        await commands.QueueAsync(7, """{"command":"open-valve"}""");

        await commands.RemoveAllAsync(7);
        await commands.QueueAsync(7, """{"command":"close"}""");

        using var tap = Mosquitto.Subscribe(bridge.Port, "taps/7/commands", "-V", "5", "-q", "1", "-u", "7", "-C", "1", "-W", "20");
        Assert.Equal("{\"command\":\"close\"}\n", await tap.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task The_retained_status_of_a_removed_tap_is_cleared()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"));
        var (tokens, token) = (bridge.Get<TapTokens>(), TapTokens.Create(7));
        await tokens.LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(token) });
        using (var tap = await bridge.ConnectAsync("7", token: token))
        {
            await tap.PublishStringAsync("taps/7/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);
            Assert.Equal(1, await bridge.RetainedAsync());
            await tap.DisconnectAsync();
        }

        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 0), "the tap is away");
        Assert.Equal(1, await bridge.RetainedAsync());
        await tokens.SetAsync(7, null);

        await Eventually.TrueAsync(async () => await bridge.RetainedAsync() == 0, "nothing is retained");
    }

    [Fact]
    public async Task No_more_taps_have_a_retained_status_than_may_be_connected()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxConnections", "3"));
        using var anybody = await bridge.ConnectAsync();
        using var one = await bridge.ConnectAsync("1");
        await one.PublishStringAsync("taps/1/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);

        await SayAsync(anybody, 2, 10);

        Assert.Equal(3, await bridge.RetainedAsync());
        Assert.Equal("online", await OfOneAsync());

        // What a connected tap has said stays until it is away, and is cleared then like any other.
        await one.DisconnectAsync();
        await Eventually.TrueAsync(async () => await OfOneAsync() == "offline", "the tap is away");
        await SayAsync(anybody, 11, 13);

        Assert.Equal(3, await bridge.RetainedAsync());
        Assert.Null(await OfOneAsync());

        async Task<string?> OfOneAsync() => (await bridge.Get<MqttServer>().GetRetainedMessageAsync("taps/1/status"))?.ConvertPayloadToString();

        static async Task SayAsync(IMqttClient client, int from, int to)
        {
            for (var tap = from; tap <= to; tap++)
            {
                await client.PublishStringAsync($"taps/{tap}/status", "online", MqttQualityOfServiceLevel.AtLeastOnce);
            }
        }
    }
}
