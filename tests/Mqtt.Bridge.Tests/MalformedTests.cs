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
}
