using StackExchange.Redis;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class PipelineTests(RedisServer redis)
{
    private const byte PubAck = 0x40;

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Messages_that_a_tap_does_not_wait_for_are_appended_and_acknowledged_in_their_order(byte level)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, tap: 7);

        // The status goes another way than the pours, through the MQTT server to subscribers; bad pours go to the dead letters.
        var packets = Enumerable
            .Range(1, 90)
            .Select(n =>
                n % 10 == 0 ? RawTap.Publish(level, qos: 1, (ushort)n, "taps/7/status", "online")
                : n % 10 == 5 ? RawTap.Publish(level, qos: 1, (ushort)n, "taps/7/pours", "no pour")
                : RawTap.Publish(level, qos: 1, (ushort)n, "taps/7/pours", $$"""{"volume":{{100 + n}}}""")
            );
        await tap.SendAsync([.. packets.SelectMany(packet => packet)]);
        var acknowledged = new List<int>();
        while (acknowledged.Count < 90)
        {
            var answer = (await tap.ReadAsync())!;
            Assert.Equal(PubAck, answer[0]);
            acknowledged.Add((answer[2] << 8) | answer[3]);
        }

        Assert.Equal(Enumerable.Range(1, 90), acknowledged);
        var pours = (await bridge.EntriesAsync()).Select(entry => entry["body"]);
        Assert.Equal(Enumerable.Range(1, 90).Where(n => n % 5 != 0).Select(n => $$"""{"volume":{{100 + n}}}"""), pours);
        Assert.Equal(9, (await bridge.DeadLettersAsync()).Count);
    }

    [Fact]
    public async Task What_a_tap_has_sent_before_it_says_goodbye_is_taken()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level: 5, tap: 7);
        var pours = Enumerable
            .Range(1, 50)
            .SelectMany(n => RawTap.Publish(level: 5, qos: 1, (ushort)n, "taps/7/pours", $$"""{"volume":{{100 + n}}}"""));

        await tap.SendAsync([.. pours, 0xE0, 0]);

        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 0), "it is gone");
        await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count == 50, "all of it is there");
    }

    [Fact]
    public async Task What_came_before_one_that_is_too_fast_does_not_wait_for_its_pace()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxMessagesPerSecond", "0.1"), ("Mqtt:MaxMessageBurst", "20"));
        using var tap = await RawTap.ConnectAsync(bridge.Port, level: 4, tap: 7);

        var pours = Enumerable.Range(1, 60).SelectMany(n => RawTap.Publish(level: 4, qos: 1, (ushort)n, "taps/7/pours", """{"volume":300}"""));
        await tap.SendAsync([.. pours]);

        for (var n = 1; n <= 20; n++)
        {
            Assert.Equal(PubAck, (await tap.ReadAsync())![0]);
        }

        Assert.Equal(20, (await bridge.EntriesAsync()).Count);
    }

    [Fact]
    public async Task A_tap_that_only_publishes_is_alive()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level: 5, tap: 7, keepAlive: 2);

        // For longer than the server waits for a sign of life, three seconds, and than it takes to look for one.
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(5);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (DateTime.UtcNow < until && await pace.WaitForNextTickAsync())
        {
            Assert.True(await tap.SendAsync(RawTap.Publish(level: 5, qos: 1, id: 1, "taps/7/pours", """{"volume":300}""")));
            Assert.Equal(PubAck, (await tap.ReadAsync())![0]);
        }

        Assert.Equal(1, bridge.Connected);
    }

    [Fact]
    public async Task Messages_that_wait_while_Redis_is_away_are_acknowledged_in_their_order_when_it_is_back()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level: 4, tap: 7);
        await redis.StopAsync();
        try
        {
            // More than may be under way at a time.
            var pours = Enumerable.Range(1, 150).SelectMany(n => RawTap.Publish(level: 4, qos: 1, (ushort)n, "taps/7/pours", """{"volume":300}"""));
            await tap.SendAsync([.. pours]);
        }
        finally
        {
            await redis.StartAsync();
        }

        for (var n = 1; n <= 150; n++)
        {
            var answer = (await tap.ReadAsync())!;
            Assert.Equal((PubAck, n), (answer[0], (answer[2] << 8) | answer[3]));
        }

        Assert.Equal(150, (await bridge.EntriesAsync()).Count);
    }

    [Fact]
    public async Task What_Redis_refuses_now_and_then_for_want_of_memory_is_not_overtaken()
    {
        Guid[] ids = [.. Enumerable.Range(0, 2_000).Select(_ => Guid.NewGuid())];
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await RawTap.ConnectAsync(bridge.Port, level: 4, tap: 7);
        using var end = new CancellationTokenSource();
        var filling = FillNowAndThenAsync(bridge.Get<IConnectionMultiplexer>().GetDatabase(), end.Token);
        try
        {
            var pours = ids.SelectMany(
                (id, n) => RawTap.Publish(level: 4, qos: 1, (ushort)(n + 1), "taps/7/pours", $$"""{"id":"{{id}}","volume":300}""")
            );
            await tap.SendAsync([.. pours]);
            for (var n = 1; n <= ids.Length; n++)
            {
                var answer = (await tap.ReadAsync())!;
                Assert.Equal((PubAck, n), (answer[0], (answer[2] << 8) | answer[3]));
            }
        }
        finally
        {
            await end.CancelAsync();
            await filling;
        }

        Assert.Equal(ids, (await bridge.EntriesAsync()).Select(entry => Guid.Parse(entry["id"])));
    }

    /// <summary>As when what is stored and what comes keep the memory just at its limit: whether a command is taken changes from one to the next.</summary>
    private static async Task FillNowAndThenAsync(IDatabase redis, CancellationToken end)
    {
        for (var n = 0; !end.IsCancellationRequested; n++)
        {
            await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", n % 3 == 2 ? 1 : 0);
        }

        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", 0);
    }
}
