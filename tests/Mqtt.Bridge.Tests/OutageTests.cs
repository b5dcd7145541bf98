using Microsoft.Extensions.Logging;
using Mqtt.Bridge.Clients;
using MQTTnet;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class OutageTests(RedisServer redis)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_pour_that_Redis_does_not_take_is_not_acknowledged_until_it_does()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":250}"""));
        await redis.StopAsync();

        Task<MqttClientPublishResult> publish;
        try
        {
            publish = await PourInVainAsync(bridge, tap);
        }
        finally
        {
            await redis.StartAsync();
        }

        Assert.True((await publish.WaitAsync(Patience)).IsSuccess);
        var held = (await bridge.EntriesAsync()).Where(entry => entry["body"] == """{"volume":473}""");
        Assert.Single(held.DistinctBy(entry => entry["id"]));
        Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":500}""")).WaitAsync(Patience)).IsSuccess);
    }

    [Fact]
    public async Task Pours_of_a_tap_that_wait_for_Redis_are_in_the_stream_in_the_order_in_which_they_came()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        Guid[] ids = [.. Enumerable.Range(0, 60).Select(_ => Guid.NewGuid())];
        await redis.StopAsync();
        // Some are tried while Redis is away, some while it comes back, and some find it there.
        var publishes = Publish(ids[..20]);
        var starting = redis.StartAsync();
        publishes.AddRange(Publish(ids[20..40]));
        await starting;
        publishes.AddRange(Publish(ids[40..]));

        Assert.All(await Task.WhenAll(publishes).WaitAsync(Patience), answer => Assert.True(answer.IsSuccess));
        Assert.Equal(ids, (await bridge.EntriesAsync()).Select(entry => Guid.Parse(entry["id"])).Distinct());

        List<Task<MqttClientPublishResult>> Publish(IEnumerable<Guid> some) =>
            [.. some.Select(id => tap.PublishAsync(PourTests.Pour("taps/7/pours", $$"""{"id":"{{id}}","volume":250}""")))];
    }

    [Fact]
    public async Task A_full_stream_holds_the_taps_back_until_there_is_room()
    {
        await using var bridge = await StartFullAsync();
        using var tap = await bridge.ConnectAsync("7");

        var publish = await PourInVainAsync(bridge, tap);
        await bridge.Get<IConnectionMultiplexer>().GetDatabase().KeyDeleteAsync(bridge.Keys.StreamKeys()[0]);

        Assert.True((await publish.WaitAsync(Patience)).IsSuccess);
        Assert.Single(await bridge.EntriesAsync());
    }

    [Theory]
    [InlineData(4, null)]
    [InlineData(5, 0x81)]
    public async Task A_tap_that_breaks_the_protocol_has_to_go_although_a_pour_of_it_is_held(byte level, int? told)
    {
        await using var bridge = await StartFullAsync();
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);

        // PINGREQ, a pour, and no packet.
        await tap.SendAsync([0xC0, 0, .. RawTap.Publish(level, 1, 1, "taps/7/pours", """{"volume":473}"""), 0, 0]);

        Assert.Equal(told, await tap.EndAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_tap_whose_token_has_ended_is_cut_off_although_a_pour_of_it_is_held()
    {
        await using var bridge = await StartFullAsync();
        using var tap = await RawTap.ConnectAsync(bridge.Port, 4, 7);
        await HeldAsync(bridge, () => tap.SendAsync(RawTap.Publish(4, 2, 1, "taps/7/pours", """{"volume":473}""")));
        var client = bridge.Get<ClientRegistry>().OfTap(7).Single();

        await Eventually.TrueAsync(
            async () =>
            {
                await client.DisconnectAsync();
                return await tap.IsClosedByPeerAsync();
            },
            "it is closed"
        );
    }

    [Fact]
    public async Task Taps_whose_packets_are_too_large_have_to_go_while_Redis_is_away_and_their_dead_letters_come_later()
    {
        // A header that announces 256 MB.
        byte[] huge = [0x32, 0xFF, 0xFF, 0xFF, 0x7F];
        await using var bridge = await TestBridge.StartAsync(redis);
        await using var beside = await bridge.StartBesideAsync();
        using var log = new LogLines();
        beside.Get<ILoggerFactory>().AddProvider(log);
        using var old = await RawTap.ConnectAsync(bridge.Port, 4, 7);
        using var tap = await RawTap.ConnectAsync(bridge.Port, 5, 8);
        using var other = await RawTap.ConnectAsync(beside.Port, 5, 9);
        await redis.PauseAsync();
        try
        {
            foreach (var (one, told) in new[] { (old, (int?)null), (tap, 0x95), (other, 0x95) })
            {
                await one.SendAsync(huge);
                Assert.Equal(told, await one.EndAsync().WaitAsync(Patience));
            }

            // What has not come until the bridge stops is lost, and that is said.
            await beside.StopAsync().WaitAsync(Patience);
            Assert.Contains(log.Lines, line => line.StartsWith("A message of tap '9' could not be set aside and is lost", StringComparison.Ordinal));
        }
        finally
        {
            await redis.ResumeAsync();
        }

        await Eventually.TrueAsync(
            async () => (await bridge.DeadLettersAsync()).Select(letter => letter["tap"]).Intersect(["7", "8"]).Count() == 2,
            "they are set aside"
        );
    }

    [Fact]
    public async Task A_stop_gives_up_a_held_pour_without_acknowledging_it()
    {
        await using var bridge = await StartFullAsync();
        using var tap = await bridge.ConnectAsync("7");
        var publish = await PourInVainAsync(bridge, tap);

        await bridge.StopAsync().WaitAsync(Patience);

        await Assert.ThrowsAnyAsync<Exception>(() => publish.WaitAsync(Patience));
        Assert.False(publish.IsCompletedSuccessfully);
        Assert.Single(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task At_a_stop_every_pour_that_is_in_the_stream_was_acknowledged_or_comes_again_with_its_id()
    {
        var bridge = await TestBridge.StartAsync(redis);
        await using (bridge)
        {
            var acknowledged = new List<Guid>();
            var unanswered = new List<Guid>();
            var taps = Enumerable
                .Range(1, 5)
                .Select(async tapId =>
                {
                    using var tap = await bridge.ConnectAsync(tapId.ToString());
                    while (true)
                    {
                        var id = Guid.NewGuid();
                        try
                        {
                            await tap.PublishAsync(PourTests.Pour($"taps/{tapId}/pours", $$"""{"id":"{{id}}","volume":250}""")).WaitAsync(Patience);
                        }
                        catch (Exception ex) when (ex is not TimeoutException)
                        {
                            lock (unanswered)
                            {
                                unanswered.Add(id);
                            }

                            return;
                        }

                        lock (acknowledged)
                        {
                            acknowledged.Add(id);
                        }
                    }
                })
                .ToList();
            await Eventually.TrueAsync(async () => (await bridge.EntriesAsync()).Count > 50, "pours flow");

            await bridge.StopAsync().WaitAsync(Patience);
            await Task.WhenAll(taps);

            var stored = (await bridge.EntriesAsync()).Select(entry => Guid.Parse(entry["id"])).ToHashSet();
            Assert.Empty(acknowledged.Except(stored));
            Assert.Empty(stored.Except(acknowledged).Except(unanswered));
        }
    }

    /// <summary>Sends a pour and waits until it was tried in vain to append it; from then on only a mistake could acknowledge it.</summary>
    private static async Task<Task<MqttClientPublishResult>> PourInVainAsync(TestBridge bridge, IMqttClient tap)
    {
        var publish = await HeldAsync(bridge, () => tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}""")));
        Assert.False(publish.IsCompleted);
        return publish;
    }

    private static async Task<T> HeldAsync<T>(TestBridge bridge, Func<T> send)
    {
        using var log = new LogLines();
        bridge.Get<ILoggerFactory>().AddProvider(log);
        var sending = send();
        await Eventually.TrueAsync(() => Task.FromResult(log.Lines.Any(line => line.StartsWith("The stream takes nothing"))), "it is held");
        return sending;
    }

    private async Task<TestBridge> StartFullAsync()
    {
        var bridge = await TestBridge.StartAsync(redis, ("Ingest:HighWaterMark", "1"));
        await bridge.Get<IConnectionMultiplexer>().GetDatabase().StreamAddAsync(bridge.Keys.StreamKeys()[0], [new NameValueEntry("id", "earlier")]);
        // As one to which taps speak already; of one that has not asked yet the first pour would still go in.
        await Assert.ThrowsAsync<StreamFullException>(() => bridge.Get<StreamRoom>().ThrowIfFullAsync());
        return bridge;
    }
}
