using System.Diagnostics;
using MQTTnet;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class MalformedTests(RedisServer redis)
{
    private const string Pour = """{"volume":473}""";

    [Theory]
    [InlineData("a topic longer than its packet", "30 05 00 20 61 62 63", 0x81)]
    [InlineData("a length of five bytes", "30 80 80 80 80 01", 0x81)]
    [InlineData("packet type 0", "00 00", 0x81)]
    [InlineData("a SUBSCRIBE without a filter", "82 03 00 01 00", 0x82)]
    [InlineData("a SUBSCRIBE that is cut off", "82 06 00 01 00 00 01 61", 0x81)]
    [InlineData("a second CONNECT", "10 0F 00 04 4D 51 54 54 05 02 00 00 00 00 02 61 62", 0x82)]
    [InlineData("a PINGRESP", "D0 00", 0x82)]
    [InlineData("a topic alias above the maximum", "30 07 00 01 61 03 23 00 11", 0x94)]
    public async Task What_breaks_the_protocol_ends_its_connection_only_and_is_told_why(string what, string hex, int told)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var other = await bridge.ConnectAsync("8");
        using var tap = await RawTap.ConnectAsync(bridge.Port, 5, 7);

        await tap.SendAsync(RawTap.Hex(hex));

        var reason = await tap.EndAsync();
        Assert.True(reason == told, $"{what}: {reason:X}");
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", Pour))).IsSuccess);
    }

    [Theory]
    [InlineData("30 05 00 20 61 62 63")]
    [InlineData("10 0E 00 04 4D 51 54 54 04 02 00 00 00 02 61 62")]
    public async Task On_3_1_1_there_is_nothing_to_be_told(string hex)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, 4, 7);

        await tap.SendAsync(RawTap.Hex(hex));

        Assert.Null(await tap.EndAsync());
    }

    [Fact]
    public async Task Two_thousand_broken_conversations_leave_the_others_in_peace_and_the_memory_as_it_was()
    {
        const int Conversations = 2_000;
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:CommunicationTimeout", "00:00:05"));
        using var tap = await bridge.ConnectAsync("8");
        var random = new Random(20261120);
        byte[][] good =
        [
            RawTap.Publish(5, 1, 7, "taps/7/pours", Pour),
            RawTap.Publish(4, 2, 8, "taps/7/readings", """{"temperatureC":4.5}"""),
            [0x82, 0x15, 0, 1, 0, 0, 15, .. "taps/7/receipts"u8, 1],
            [0xA2, 0x14, 0, 2, 0, 0, 15, .. "taps/7/receipts"u8],
            [0x62, 0x02, 0, 8],
            [0xC0, 0x00],
            [0xE0, 0x02, 0x04, 0x00],
        ];
        using var finished = new CancellationTokenSource();
        var poured = 0;
        var pouring = Task.Run(async () =>
        {
            while (!finished.IsCancellationRequested)
            {
                Assert.True((await tap.PublishAsync(PourTests.Pour("taps/8/pours", Pour))).IsSuccess);
                poured++;
            }
        });

        for (var n = 0; n < Conversations; n++)
        {
            using var broken = await RawTap.OpenAsync(bridge.Port);
            await broken.SendAsync(Conversation(random, good));
        }

        await finished.CancelAsync();
        await pouring;
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 1), "the broken ones are gone", TimeSpan.FromSeconds(60));
        Assert.True(poured > 0 && tap.IsConnected);
        Assert.Equal(poured, (await bridge.EntriesAsync()).Count(entry => entry["tap"] == "8"));
        // A little below zero too, where other tests run beside it.
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) < 200 * 1024 * 1024);
        Assert.True(Process.GetCurrentProcess().PrivateMemorySize64 < 2L * 1024 * 1024 * 1024);
    }

    private static byte[] Conversation(Random random, byte[][] good)
    {
        var level = (byte)random.Next(4, 6);
        byte[] bytes = [.. RawTap.Connect(level, 7), .. good[random.Next(good.Length)], .. good[random.Next(good.Length)]];
        switch (random.Next(3))
        {
            case 0:
                var noise = new byte[random.Next(1, 200)];
                random.NextBytes(noise);
                return random.Next(2) == 0 ? noise : [.. RawTap.Connect(level, 7), .. noise];
            case 1:
                return bytes[..random.Next(1, bytes.Length)];
            default:
                for (var changes = random.Next(1, 5); changes > 0; changes--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                return bytes;
        }
    }
}
