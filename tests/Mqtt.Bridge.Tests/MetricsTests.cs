using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Taproom.Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class MetricsTests(RedisServer redis)
{
    [Fact]
    public async Task Messages_are_counted_by_topic_template_and_outcome_and_never_by_tap()
    {
        var counted = new ConcurrentQueue<Dictionary<string, object?>>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "Taproom.Bridge", Name: "messaging.client.consumed.messages" })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue(tags.ToArray().ToDictionary()));
        listener.Start();
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");

        await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""));
        await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":5}"""));
        await tap.PublishAsync(PourTests.Pour("taps/7/volcanoes", """{"volume":473}"""));

        Assert.Equal(
            [("taps/{tapId}/pours", null), ("taps/{tapId}/pours", "payload_format_invalid"), ("unrouted", "not_authorized")],
            counted.Select(tags => ((string?)tags["messaging.destination.template"], (string?)tags.GetValueOrDefault("error.type"))));
        Assert.All(counted, tags => Assert.Equal("mqtt", tags["messaging.system"]));
        Assert.DoesNotContain(counted.SelectMany(tags => tags.Values), value => value is "7" or 7);
    }
}
