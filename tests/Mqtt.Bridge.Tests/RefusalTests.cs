using MQTTnet;
using MQTTnet.Formatter;
using Taproom.Ingest;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class RefusalTests(RedisServer redis)
{
    [Fact]
    public async Task A_bad_pour_is_set_aside_with_its_reason_and_the_next_good_one_goes_through()
    {
        (string Payload, string Reason)[] bad =
        [
            ("", "The body is not valid JSON, repeats a member or is nested too deeply."),
            ("473", "The body must be a JSON object."),
            ("""{"volume":""", "The body is not valid JSON, repeats a member or is nested too deeply."),
            ("""{"volume":"473"}""", "The member 'volume' must be a number of mL."),
            ("""{"volume":1001}""", "There is no glass type for the specified volume"),
            ("""{"volume":473,"id":"7"}""", "The member 'id' must be a UUID, and not the nil UUID."),
        ];
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxRefusalsPerSecond", "1000"));
        using var tap = await bridge.ConnectAsync("7");
        foreach (var (payload, reason) in bad)
        {
            var refused = await tap.PublishAsync(PourTests.Pour("taps/7/pours", payload));
            var taken = await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""));

            Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, refused.ReasonCode);
            Assert.Equal(reason, refused.ReasonString);
            Assert.True(taken.IsSuccess);
            var dead = (await bridge.DeadLettersAsync())[^1];
            Assert.Equal(("pour", "7", payload, reason, "mqtt-bridge"), (dead["kind"], dead["tap"], dead["body"], dead["reason"], dead["source"]));
        }

        Assert.Equal((bad.Length, bad.Length), ((await bridge.DeadLettersAsync()).Count, (await bridge.EntriesAsync()).Count));
    }

    [Fact]
    public async Task On_3_1_1_a_bad_pour_is_acknowledged_so_that_it_does_not_block_its_tap()
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        var (bad, output) = await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", "{\"volume\":\"\u00e9\"", "-V 311 -q 2 -u 7 -i tap-7");
        var (good, _) = await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", """{"volume":473}""", "-V 311 -q 2 -u 7 -i tap-7");

        Assert.True(bad == 0, output);
        Assert.Equal(0, good);
        Assert.Single(await bridge.DeadLettersAsync());
        Assert.Single(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task On_5_a_foreign_client_learns_that_its_pour_is_bad()
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        var (_, output) = await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", "{}", "-V", "5", "-q", "2", "-u", "7", "-i", "tap-7");

        Assert.Contains("Payload format invalid", output);
        Assert.Equal("The member 'volume' must be a number of mL.", Assert.Single(await bridge.DeadLettersAsync())["reason"]);
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_kept_as_they_came()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");

        var refused = await tap.PublishAsync(
            new MqttApplicationMessageBuilder()
                .WithTopic("taps/7/pours")
                .WithPayload([0xFF, 0x00, 0xFE])
                .WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce)
                .Build()
        );

        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, refused.ReasonCode);
        Assert.Equal("The body is not valid UTF-8.", Assert.Single(await bridge.DeadLettersAsync())["reason"]);
    }

    [Fact]
    public async Task A_topic_that_is_not_the_taps_own_is_refused_and_set_aside()
    {
        (string Topic, string Reason, string Kind)[] topics =
        [
            ("taps/8/pours", "Tap 7 may not publish to 'taps/8/pours'.", "pour"),
            ("taps/7/volcanoes", "No tap publishes to 'taps/7/volcanoes'.", "message"),
            ("taps/07/pours", "No tap publishes to 'taps/07/pours'.", "message"),
            ("elsewhere", "No tap publishes to 'elsewhere'.", "message"),
            ("notices/pours", "No tap publishes to 'notices/pours'.", "message"),
        ];
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxRefusalsPerSecond", "1000"));
        using var tap = await bridge.ConnectAsync("7");
        using var old = await bridge.ConnectAsync("7", MqttProtocolVersion.V311);
        foreach (var (topic, reason, kind) in topics)
        {
            var refused = await tap.PublishAsync(PourTests.Pour(topic, """{"volume":473}"""));
            await old.PublishAsync(PourTests.Pour(topic, """{"volume":473}"""));

            Assert.Equal((topic, MqttClientPublishReasonCode.NotAuthorized), (topic, refused.ReasonCode));
            var dead = (await bridge.DeadLettersAsync()).TakeLast(2);
            // Final: put back, it would become a pour of tap 7 or a message.
            Assert.All(dead, letter => Assert.Equal((reason, kind, "7", "1"), (letter["reason"], letter["kind"], letter["tap"], letter["final"])));
        }

        Assert.Equal(2 * topics.Length, (await bridge.DeadLettersAsync()).Count);
        Assert.Empty(await bridge.EntriesAsync());
        Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""))).IsSuccess);
    }

    [Fact]
    public async Task Of_large_bad_pours_only_the_beginning_is_kept()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");

        for (var n = 0; n < 50; n++)
        {
            await tap.PublishAsync(PourTests.Pour("taps/7/pours", $$"""{"volume":5,"note":"{{new string('x', 60_000)}}"}"""));
        }

        var dead = await bridge.DeadLettersAsync();
        Assert.Equal(50, dead.Count);
        const string reason = "There is no glass type for the specified volume. Of the payload only the first 1024 bytes are kept.";
        Assert.All(dead, letter => Assert.Equal((reason, 1_024), (letter["reason"], letter["body"].Length)));
    }

    [Fact]
    public async Task What_is_left_of_a_large_bad_pour_can_never_become_a_pour_of_its_own()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");

        // The first bytes alone are a good pour.
        await tap.PublishAsync(PourTests.Pour("taps/7/pours", $$"""{"volume":473}{{new string(' ', 5_000)}}x"""));

        var letters = bridge.Get<DeadLetters>();
        var letter = Assert.Single((await letters.ListAsync(null, 10)).Letters);
        Assert.Equal(Requeued.Refused, await letters.RequeueAsync(letter.Position));
        Assert.EndsWith("Of the payload only the first 1024 bytes are kept.", letter.Reason);
        Assert.Empty(await bridge.EntriesAsync());
    }

    [Fact]
    public async Task On_3_1_1_a_message_that_is_too_large_is_acknowledged_and_set_aside_without_its_rest()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxPacketSize", "2048"));
        using var tap = await bridge.ConnectAsync("7", MqttProtocolVersion.V311);

        await tap.PublishAsync(PourTests.Pour("taps/7/pours", new string(' ', 5_000) + """{"volume":473}"""));

        var dead = Assert.Single(await bridge.DeadLettersAsync());
        Assert.Equal("The message has 5026 bytes; 2048 are allowed. Of the payload only the first 1024 bytes are kept.", dead["reason"]);
        Assert.Equal(1_024, dead["body"].Length);
        Assert.True((await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""))).IsSuccess);
    }
}
