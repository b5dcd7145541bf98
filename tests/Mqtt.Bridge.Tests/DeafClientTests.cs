using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Outbound;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>A client that reads nothing while much is to be sent to it is closed soon, whatever ends its connection, and holds up nobody.</summary>
[Collection(nameof(RedisCollection))]
public sealed class DeafClientTests(RedisServer redis)
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public Task It_breaks_the_protocol(byte level) => EndsSoonAsync(level, (_, deaf) => deaf.SendAsync([0, 0]));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public Task It_will_send_no_more(byte level) =>
        EndsSoonAsync(
            level,
            (_, deaf) =>
            {
                deaf.EndSending();
                return Task.CompletedTask;
            }
        );

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public Task It_comes_again(byte level) =>
        EndsSoonAsync(
            level,
            async (bridge, _) =>
            {
                using var again = await RawTap.ConnectAsync(bridge.Port, level, 7);
            }
        );

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public Task It_falls_silent(byte level) => EndsSoonAsync(level, (_, _) => Task.CompletedTask, keepAlive: 1);

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public Task Its_token_ends(byte level) => EndsSoonAsync(level, (bridge, _) => bridge.Get<ClientRegistry>().OfTap(7).Single().DisconnectAsync());

    private async Task EndsSoonAsync(byte level, Func<TestBridge, RawTap, Task> end, ushort keepAlive = 0)
    {
        // The time that a client may take for a packet is no help here.
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:CommunicationTimeout", "00:10:00"));
        using var deaf = await RawTap.ConnectAsync(bridge.Port, level, 7, keepAlive, receiveBuffer: 1024);
        byte[] none = level == 5 ? [0] : [];
        await deaf.SendAsync(RawTap.Packet(0x82, [0, 1, .. none, 0, 9, .. "notices/#"u8, 0]));
        Assert.Equal(0x90, (await deaf.ReadAsync())![0]);
        var publisher = bridge.Get<IEnumerable<ITapPublisher>>().First();
        for (var n = 0; n < 100; n++)
        {
            await publisher.NotifyAsync("notices/pours", new byte[8_000], exceptTapId: null, CancellationToken.None);
        }

        await end(bridge, deaf);

        using var other = await bridge.ConnectAsync("8");
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", """{"volume":473}"""))).IsSuccess);
        await Eventually.TrueAsync(deaf.IsClosedByPeerAsync, "it is closed");
    }
}
