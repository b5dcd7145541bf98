using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Signals over Redis that cannot be read, or that nobody can deliver, stop no other.</summary>
[Collection(nameof(RedisCollection))]
public sealed class SignalTests(RedisServer redis)
{
    [Fact]
    public async Task A_signal_that_cannot_be_read_stops_none_that_can()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = Mosquitto.Subscribe(bridge.Port, "taps/7/#", "-V", "5", "-q", "1", "-u", "7", "-C", "2", "-W", "20", "-F", "%t");
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 1), "the tap is in");
        var publisher = bridge.Get<IConnectionMultiplexer>().GetSubscriber();
        var keys = bridge.Keys;
        foreach (var channel in (string[])[keys.ReceiptChannel, keys.CommandsKey, keys.TokensKey, keys.ReportChannel])
        {
            await publisher.PublishAsync(RedisChannel.Literal(channel), "nonsense {");
        }

        await publisher.PublishAsync(RedisChannel.Literal(keys.ReceiptChannel), """{"tap":"a meter","ids":[]}""");
        await bridge.Get<TapCommands>().QueueAsync(7, """{"command":"open"}""");
        await Eventually.TrueAsync(
            async () =>
            {
                await bridge.Get<Receipts>().PublishAsync(new Receipt("7", [Guid.NewGuid()]));
                return tap.HasExited;
            },
            "the tap hears both"
        );

        Assert.Equal(["taps/7/commands", "taps/7/receipts"], (await tap.StandardOutput.ReadToEndAsync()).Split('\n')[..2].Order());
    }

    [Fact]
    public async Task A_command_list_that_cannot_be_read_stops_the_commands_of_no_other_tap()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var database = bridge.Get<IConnectionMultiplexer>().GetDatabase();
        await database.StringSetAsync($"{bridge.Keys.CommandsKey}:8", "no list");
        using var other = await RawTap.ConnectAsync(bridge.Port, 4, 8);
        await other.SendAsync([0x82, 0x14, 0, 1, 0, 15, .. "taps/8/commands"u8, 1]);
        Assert.Equal(0x90, (await other.ReadAsync())![0]);
        using var tap = Mosquitto.Subscribe(bridge.Port, "taps/7/commands", "-V", "5", "-q", "1", "-u", "7", "-C", "1", "-W", "20");

        await bridge.Get<TapCommands>().QueueAsync(7, """{"command":"open"}""");

        Assert.Equal("{\"command\":\"open\"}\n", await tap.StandardOutput.ReadToEndAsync());
    }
}
