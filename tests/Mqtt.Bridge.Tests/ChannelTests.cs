using System.Diagnostics;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class ChannelTests(RedisServer redis)
{
    private const string Event = """{"component":"cooler","environment":"bar 2","email":"a@example.org","message":"door open","data":{"t":[1]}}""";

    [Theory]
    [InlineData("readings", "reading", """{"temperatureC":4.5,"pressureKPa":83,"flowLpm":0,"pulses":12345}""")]
    [InlineData("readings", "reading", """{"temperatureC":-1,"pulses":null}""")]
    [InlineData("events", "event", Event)]
    public async Task Readings_and_events_go_to_the_stream_like_pours(string channel, string kind, string body)
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        var (exitCode, output) = await Mosquitto.PublishAsync(bridge.Port, $"taps/7/{channel}", body, "-V", "5", "-q", "1", "-u", "7", "-i", "tap-7");

        Assert.True(exitCode == 0, output);
        var entry = Assert.Single(await bridge.EntriesAsync());
        Assert.Equal((kind, "7", body), (entry["kind"], entry["tap"], entry["body"]));
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task What_is_wrong_with_them_stands_with_the_dead_letter()
    {
        (string Channel, string Body, string Reason)[] wrongs =
        [
            ("readings", """{}""", "A reading must have one of 'temperatureC', 'pressureKPa', 'flowLpm', 'pulses' and 'odometer'."),
            ("readings", """{"temperatureC":-196.6}""", "The member 'temperatureC' must be a number from -50 to 150."),
            (
                "readings",
                """{"temperatureC":150.000000000000000000000000000000000001}""",
                "The member 'temperatureC' must be a number from -50 to 150."
            ),
            ("readings", """{"pressureKPa":-1e-40}""", "The member 'pressureKPa' must be a number from 0 to 2000."),
            ("readings", """{"pulses":1.5}""", "The member 'pulses' must be a whole number, 0 or more."),
            ("readings", """{"flowLpm":"2"}""", "The member 'flowLpm' must be a number from 0 to 1000."),
            ("readings", """{"pulses":1,"id":7}""", "The member 'id' must be a UUID, and not the nil UUID."),
            (
                "events",
                """{"component":"cooler","environment":"bar 2","email":"a@example.org","message":"x","data":{},"id":"00000000-0000-0000-0000-000000000000"}""",
                "The member 'id' must be a UUID, and not the nil UUID."
            ),
            ("events", """{"component":"cooler"}""", "The member 'environment' must be a text."),
            ("status", "asleep", "The status of a tap must be 'online' or 'offline'."),
        ];
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxRefusalsPerSecond", "1000"));
        using var tap = await bridge.ConnectAsync("7");

        foreach (var (channel, body, _) in wrongs)
        {
            var refused = await tap.PublishAsync(PourTests.Pour($"taps/7/{channel}", body));
            Assert.Equal((body, MqttClientPublishReasonCode.PayloadFormatInvalid), (body, refused.ReasonCode));
        }

        Assert.Equal(wrongs.Select(wrong => wrong.Reason), (await bridge.DeadLettersAsync()).Select(letter => letter["reason"]));
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task A_reading_keeps_the_id_and_the_trace_of_its_sender()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7", MqttProtocolVersion.V311);
        var id = Guid.NewGuid();
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        await tap.PublishAsync(PourTests.Pour("taps/7/readings", $$"""{"id":"{{id}}","pulses":1,"traceparent":"{{trace}}"}"""));

        var entry = Assert.Single(await bridge.EntriesAsync());
        Assert.Equal(id.ToString(), entry["id"]);
        Assert.Contains("0af7651916cd43dd8448eb211c80319c", entry["traceparent"]);
    }

    [Fact]
    public async Task A_tap_that_said_it_is_online_and_went_without_a_will_is_offline_all_the_same()
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        using (var tap = await bridge.ConnectAsync("7"))
        {
            Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/status", "online"))).IsSuccess);
            await tap.DisconnectAsync();
        }

        await Eventually.TrueAsync(
            async () =>
            {
                using var listener = Mosquitto.Subscribe(
                    bridge.Port,
                    "taps/7/status",
                    "-V",
                    "5",
                    "-u",
                    "7",
                    "-i",
                    "asker",
                    "-C",
                    "1",
                    "-W",
                    "5",
                    "-F",
                    "%t %p"
                );
                return await listener.StandardOutput.ReadToEndAsync() == "taps/7/status offline\n";
            },
            "the tap is offline"
        );
    }

    [Fact]
    public async Task A_tap_that_sends_too_fast_is_told_so_and_no_other_tap_suffers()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxMessagesPerSecond", "0.1"), ("Mqtt:MaxMessageBurst", "2"));
        using var tap = await bridge.ConnectAsync("7");
        using var other = await bridge.ConnectAsync("8");
        var pour = PourTests.Pour("taps/7/pours", """{"volume":473}""");

        Assert.True((await tap.PublishAsync(pour)).IsSuccess);
        Assert.True((await tap.PublishAsync(pour)).IsSuccess);
        Assert.Equal(MqttClientPublishReasonCode.QuotaExceeded, (await tap.PublishAsync(pour)).ReasonCode);
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", """{"volume":473}"""))).IsSuccess);

        Assert.Equal(3, (await bridge.EntriesAsync()).Count);
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Fact]
    public async Task A_tap_of_MQTT_3_1_1_that_sends_too_fast_is_slowed_down_and_loses_nothing()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxMessagesPerSecond", "20"), ("Mqtt:MaxMessageBurst", "1"));
        using var tap = await bridge.ConnectAsync("7", MqttProtocolVersion.V311);
        var startedAt = Stopwatch.GetTimestamp();

        for (var n = 0; n < 11; n++)
        {
            await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""));
        }

        Assert.Equal(11, (await bridge.EntriesAsync()).Count);
        Assert.True(Stopwatch.GetElapsedTime(startedAt) >= TimeSpan.FromMilliseconds(450));
    }
}
