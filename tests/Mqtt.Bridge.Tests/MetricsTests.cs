using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class MetricsTests(RedisServer redis)
{
    [Fact]
    public async Task Messages_are_counted_by_topic_template_and_outcome_and_never_by_tap()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        // Tests that run at the same time have a factory of their own.
        var meters = bridge.Get<IMeterFactory>();
        var counted = new ConcurrentQueue<Dictionary<string, object?>>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "Mqtt.Bridge", Name: "messaging.client.consumed.messages" } && instrument.Meter.Scope == meters)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue(tags.ToArray().ToDictionary()));
        listener.Start();
        using var tap = await bridge.ConnectAsync("7");

        await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""));
        await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":5}"""));
        await tap.PublishAsync(PourTests.Pour("taps/7/volcanoes", """{"volume":473}"""));
        await Eventually.TrueAsync(() => Task.FromResult(counted.Count >= 3), "all of them are counted");

        Assert.Equal(
            [("taps/{tapId}/pours", null), ("taps/{tapId}/pours", "payload_format_invalid"), ("unrouted", "not_authorized")],
            counted.Select(tags => ((string?)tags["messaging.destination.template"], (string?)tags.GetValueOrDefault("error.type")))
        );
        Assert.All(counted, tags => Assert.Equal("mqtt", tags["messaging.system"]));
        Assert.DoesNotContain(counted.SelectMany(tags => tags.Values), value => value is "7" or 7);
    }

    [Fact]
    public async Task Refused_and_ended_connections_are_counted_with_their_reason()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"));
        var meters = bridge.Get<IMeterFactory>();
        var counted = new ConcurrentQueue<(string Name, object? Reason)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (
                    instrument is { Meter.Name: "Mqtt.Bridge", Name: "taproom.mqtt.connections.refused" or "taproom.mqtt.connections.ended" }
                    && instrument.Meter.Scope == meters
                )
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => counted.Enqueue((instrument.Name, tags[0].Value)));
        listener.Start();
        var token = TapTokens.Create(7);
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]> { [7] = TapTokens.Hash(token) });

        foreach (var (tap, wrong) in (ValueTuple<string, string>[])[("7", "wrong"), ("9", TapTokens.Create(9))])
        {
            await Mosquitto.PublishAsync(bridge.Port, "taps/7/pours", "{}", "-V", "311", "-i", "x", "-u", tap, "-P", wrong);
        }

        using var known = await bridge.ConnectAsync("7", token: token);
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 1), "the tap is in");
        await bridge.Get<TapTokens>().SetAsync(7, null);
        await Eventually.TrueAsync(() => Task.FromResult(counted.Count >= 3), "the end is counted");

        Assert.Equal(
            [
                ("taproom.mqtt.connections.refused", "NotAuthorized"),
                ("taproom.mqtt.connections.refused", "NotAuthorized"),
                ("taproom.mqtt.connections.ended", "NotAuthorized"),
            ],
            counted.Select(count => (count.Name, (string?)count.Reason))
        );
    }
}
