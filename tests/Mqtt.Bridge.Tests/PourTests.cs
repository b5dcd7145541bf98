using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using StackExchange.Redis;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class PourTests(RedisServer redis)
{
    [Fact]
    public async Task When_a_pour_is_acknowledged_the_stream_has_it_under_the_senders_id()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        var id = Guid.NewGuid();

        var result = await tap.PublishAsync(Pour("taps/7/pours", $$"""{"id":"{{id}}","volume":250}"""));

        Assert.True(result.IsSuccess);
        Assert.Equal(id.ToString(), Assert.Single(await bridge.EntriesAsync())["id"]);
    }

    [Fact]
    public async Task A_client_without_a_user_name_may_pour_for_any_tap()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var client = await bridge.ConnectAsync();

        foreach (var tap in (string[])["1", "2", "99"])
        {
            Assert.True((await client.PublishAsync(Pour($"taps/{tap}/pours", """{"volume":250}"""))).IsSuccess);
        }

        Assert.Equal(["1", "2", "99"], (await bridge.EntriesAsync()).Select(entry => entry["tap"]));
    }

    [Fact]
    public async Task Pours_of_many_taps_side_by_side_all_arrive_once_and_in_the_order_of_each_tap()
    {
        const int Taps = 20,
            Pours = 25;
        await using var bridge = await TestBridge.StartAsync(redis);

        await Task.WhenAll(
            Enumerable
                .Range(1, Taps)
                .Select(async tapId =>
                {
                    using var tap = await bridge.ConnectAsync(tapId.ToString(), tapId % 2 == 0 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311);
                    for (var seq = 1; seq <= Pours; seq++)
                    {
                        Assert.True((await tap.PublishAsync(Pour($"taps/{tapId}/pours", $$"""{"volume":500,"seq":{{seq}}}"""))).IsSuccess);
                    }
                })
        );

        var entries = await bridge.EntriesAsync();
        Assert.Equal(Taps * Pours, entries.DistinctBy(entry => entry["id"]).Count());
        Assert.All(
            entries.GroupBy(entry => entry["tap"]),
            tap => Assert.Equal(Enumerable.Range(1, Pours).Select(seq => $$"""{"volume":500,"seq":{{seq}}}"""), tap.Select(entry => entry["body"]))
        );
    }

    [Fact]
    public async Task Pours_of_many_taps_wait_for_Redis_together_in_one_round_trip()
    {
        const int Taps = 50;
        await using var bridge = await TestBridge.StartAsync(redis);
        var taps = await Task.WhenAll(Enumerable.Range(1, Taps).Select(tapId => bridge.ConnectAsync(tapId.ToString())));
        await redis.PauseAsync();
        List<Task<MqttClientPublishResult>> pours;
        try
        {
            pours = [.. taps.Select((tap, n) => tap.PublishAsync(Pour($"taps/{n + 1}/pours", """{"volume":250}""")))];

            // All are on their way on the one connection, and none is answered.
            var multiplexer = bridge.Get<IConnectionMultiplexer>();
            await Eventually.TrueAsync(
                () => Task.FromResult(multiplexer.GetCounters().Interactive.SentItemsAwaitingResponse >= Taps),
                "all are sent to Redis"
            );
            Assert.DoesNotContain(pours, pour => pour.IsCompleted);
        }
        finally
        {
            await redis.ResumeAsync();
        }

        Assert.All(await Task.WhenAll(pours).WaitAsync(TimeSpan.FromSeconds(60)), pour => Assert.True(pour.IsSuccess));
        Assert.Equal(Taps, (await bridge.EntriesAsync()).DistinctBy(entry => entry["id"]).Count());
        Array.ForEach(taps, tap => tap.Dispose());
    }

    [Fact]
    public async Task A_pour_reaches_no_other_client_and_is_not_retained()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var listener = await bridge.ConnectAsync();
        var heard = 0;
        listener.ApplicationMessageReceivedAsync += _ => Task.FromResult(Interlocked.Increment(ref heard));
        await listener.SubscribeAsync("taps/#", MqttQualityOfServiceLevel.AtLeastOnce);
        using var tap = await bridge.ConnectAsync("7");

        await tap.PublishAsync(
            new MqttApplicationMessageBuilder()
                .WithTopic("taps/7/pours")
                .WithPayload("""{"volume":250}""")
                .WithRetainFlag()
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build()
        );

        // The ping's answer comes after anything that was queued for the listener before.
        await listener.PingAsync();
        using var late = await bridge.ConnectAsync();
        late.ApplicationMessageReceivedAsync += _ => Task.FromResult(Interlocked.Increment(ref heard));
        await late.SubscribeAsync("taps/#", MqttQualityOfServiceLevel.AtLeastOnce);
        await late.PingAsync();
        Assert.Equal(0, heard);
        Assert.Single(await bridge.EntriesAsync());
    }

    internal static MqttApplicationMessage Pour(string topic, string payload) =>
        new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
}
