using System.Collections.Concurrent;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class CommandTests(RedisServer redis)
{
    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task A_command_waits_for_a_tap_that_is_away_and_goes_when_the_tap_has_it(string version)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var commands = bridge.Get<TapCommands>();
        await commands.QueueAsync(7, """{"command":"clean","id":1}""");
        await commands.QueueAsync(7, """{"command":"close","id":2}""");
        await commands.QueueAsync(8, """{"command":"open","id":3}""");

        using var tap = Mosquitto.Subscribe(
            bridge.Port,
            "taps/7/commands",
            "-V",
            version,
            "-q",
            "1",
            "-u",
            "7",
            "-i",
            "tap-7",
            "-C",
            "2",
            "-W",
            "20",
            "-F",
            "%t %p"
        );
        var heard = await tap.StandardOutput.ReadToEndAsync();

        Assert.Equal("taps/7/commands {\"command\":\"clean\",\"id\":1}\ntaps/7/commands {\"command\":\"close\",\"id\":2}\n", heard);
        await Eventually.TrueAsync(async () => (await commands.WaitingAsync(7)).Count == 0, "nothing waits any more");
        Assert.Single(await commands.WaitingAsync(8));
    }

    [Fact]
    public async Task A_tap_that_listens_has_a_command_at_once_and_once()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var commands = bridge.Get<TapCommands>();
        using var tap = await bridge.ConnectAsync("7");
        var heard = new ConcurrentQueue<string>();
        tap.ApplicationMessageReceivedAsync += message =>
        {
            heard.Enqueue(Encoding.UTF8.GetString(message.ApplicationMessage.Payload));
            return Task.CompletedTask;
        };
        await tap.SubscribeAsync("taps/7/#", MqttQualityOfServiceLevel.AtLeastOnce);

        for (var n = 0; n < 10; n++)
        {
            await commands.QueueAsync(7, $$"""{"command":"blink","id":{{n}}}""");
        }

        await Eventually.TrueAsync(
            async () => heard.Count >= 10 && (await commands.WaitingAsync(7)).Count == 0,
            "the tap has them, and nothing waits"
        );
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $$"""{"command":"blink","id":{{n}}}"""), heard);
    }

    [Fact]
    public async Task A_command_that_only_somebody_else_has_acknowledged_still_waits_for_its_tap()
    {
        const string first = """{"command":"clean","id":1}""";
        const string second = """{"command":"clean","id":2}""";
        await using var bridge = await TestBridge.StartAsync(redis);
        var commands = bridge.Get<TapCommands>();
        using var anybody = await bridge.ConnectAsync();
        var acknowledged = new ConcurrentQueue<string>();
        anybody.ApplicationMessageReceivedAsync += async message =>
        {
            message.AutoAcknowledge = false;
            await message.AcknowledgeAsync(CancellationToken.None);
            acknowledged.Enqueue(Encoding.UTF8.GetString(message.ApplicationMessage.Payload));
        };
        await anybody.SubscribeAsync("taps/7/commands", MqttQualityOfServiceLevel.AtLeastOnce);
        using var tap = await RawTap.ConnectAsync(bridge.Port, 4, 7);
        await tap.SendAsync(RawTap.Packet(0x82, [0, 1, 0, 15, .. "taps/7/commands"u8, 1]));
        Assert.Equal(0x90, (await tap.ReadAsync())![0]);

        await commands.QueueAsync(7, first);
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count == 1), "it is acknowledged");
        await anybody.PingAsync();
        // Commands are dealt with one after the other: when this one comes, the word of the first would have been heard.
        await commands.QueueAsync(7, second);
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count == 2), "the next one is acknowledged");

        Assert.Equal([first, second], await commands.WaitingAsync(7));
    }

    [Fact]
    public async Task Only_so_many_commands_wait_for_a_tap()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        var commands = bridge.Get<TapCommands>();
        for (var n = 0; n < TapCommands.MaxWaiting; n++)
        {
            Assert.True(await commands.QueueAsync(7, $$"""{"command":"blink","id":{{n}}}"""));
        }

        Assert.False(await commands.QueueAsync(7, """{"command":"blink"}"""));
    }
}
