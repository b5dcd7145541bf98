using System.Diagnostics;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class TraceTests(RedisServer redis)
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Sender = $"00-{Trace}-00f067aa0ba902b7-01";

    [Fact]
    public async Task The_trace_in_user_properties_goes_on_through_the_bridge_into_the_entry()
    {
        using var spans = new RecordedSpans("Mqtt.Bridge", "Taproom.Ingest");
        await using var bridge = await TestBridge.StartAsync(redis);

        await Mosquitto.PublishAsync(
            bridge.Port,
            "taps/7/pours",
            """{"volume":473}""",
            $"-V 5 -q 1 -u 7 -i tap-7 -D publish user-property traceparent {Sender} -D publish user-property tracestate bar=1"
        );

        var entry = Assert.Single(await bridge.EntriesAsync());
        var process = await spans.EndedAsync("process taps/{tapId}/pours", IsOfSender);
        var send = await spans.EndedAsync("send ingest", IsOfSender);
        Assert.Equal(ActivityKind.Consumer, process.Kind);
        Assert.Equal("00f067aa0ba902b7", process.ParentSpanId.ToString());
        Assert.Equal(process.SpanId, send.ParentSpanId);
        Assert.Equal((send.Id, "bar=1"), (entry["traceparent"], entry["tracestate"]));
        Assert.Equal("mqtt", process.GetTagItem("messaging.system"));
        Assert.Equal("process", process.GetTagItem("messaging.operation.name"));
        Assert.Equal("process", process.GetTagItem("messaging.operation.type"));
        Assert.Equal("taps/7/pours", process.GetTagItem("messaging.destination.name"));
        Assert.Equal("taps/{tapId}/pours", process.GetTagItem("messaging.destination.template"));
        Assert.Equal(entry["id"], process.GetTagItem("messaging.message.id"));
        Assert.Equal("tap-7", process.GetTagItem("messaging.client.id"));
    }

    [Fact]
    public async Task On_3_1_1_the_trace_comes_in_members_of_the_payload()
    {
        using var spans = new RecordedSpans("Mqtt.Bridge", "Taproom.Ingest");
        await using var bridge = await TestBridge.StartAsync(redis);

        await Mosquitto.PublishAsync(
            bridge.Port,
            "taps/7/pours",
            $$"""{"volume":473,"traceparent":"{{Sender}}","tracestate":"bar=1"}""",
            "-V 311 -q 1 -u 7 -i tap-7"
        );

        var entry = Assert.Single(await bridge.EntriesAsync());
        Assert.StartsWith($"00-{Trace}-", entry["traceparent"]);
        Assert.Equal("bar=1", entry["tracestate"]);
    }

    [Fact]
    public async Task Where_nobody_listens_to_spans_the_senders_context_is_passed_on()
    {
        await using var bridge = await TestBridge.StartAsync(redis);

        await Mosquitto.PublishAsync(
            bridge.Port,
            "taps/7/pours",
            """{"volume":473}""",
            $"-V 5 -q 1 -u 7 -i tap-7 -D publish user-property traceparent {Sender}"
        );

        Assert.Equal(Sender, Assert.Single(await bridge.EntriesAsync())["traceparent"]);
    }

    [Fact]
    public async Task A_context_that_cannot_be_read_is_no_reason_to_refuse_a_pour()
    {
        using var spans = new RecordedSpans("Mqtt.Bridge", "Taproom.Ingest");
        await using var bridge = await TestBridge.StartAsync(redis);

        await Mosquitto.PublishAsync(
            bridge.Port,
            "taps/7/pours",
            """{"volume":473}""",
            "-V 5 -q 1 -u 7 -i tap-7 -D publish user-property traceparent nonsense"
        );

        var id = Assert.Single(await bridge.EntriesAsync())["id"];
        var process = await spans.EndedAsync("process taps/{tapId}/pours", span => id.Equals(span.GetTagItem("messaging.message.id")));
        Assert.Null(process.ParentId);
    }

    [Fact]
    public async Task A_receipt_that_reaches_its_tap_ends_the_trace_of_the_pour()
    {
        using var spans = new RecordedSpans("Mqtt.Bridge");
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = await bridge.ConnectAsync("7");
        await tap.SubscribeAsync("taps/7/receipts", MqttQualityOfServiceLevel.AtLeastOnce);
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var traces = new Dictionary<Guid, string> { [first] = Sender, [second] = Sender.Replace("00f067aa0ba902b7", "00f067aa0ba902b8") };
        var receipts = bridge.Get<Receipts>();
        await bridge.HearsReceiptsAsync();

        // Tap 8 is not here, and of the second one no trace is kept.
        await receipts.PublishAsync(new Receipt("8", [first]) { Traces = traces });
        await receipts.PublishAsync(new Receipt("7", [second]));
        await receipts.PublishAsync(new Receipt("7", [first, second]) { Traces = traces });

        await Eventually.TrueAsync(() => Task.FromResult(Publishes().Count > 0), "the tap is told");
        var publish = Assert.Single(Publishes());
        Assert.Equal("taps/7/receipts", publish.GetTagItem("messaging.destination.name"));
        Assert.Equal((ActivityKind.Producer, "00f067aa0ba902b7"), (publish.Kind, publish.ParentSpanId.ToString()));
        Assert.Equal("00f067aa0ba902b8", Assert.Single(publish.Links).Context.SpanId.ToString());
        Assert.Equal(
            ("mqtt", "publish", "send"),
            (publish.GetTagItem("messaging.system"), publish.GetTagItem("messaging.operation.name"), publish.GetTagItem("messaging.operation.type"))
        );

        List<Activity> Publishes() => [.. spans.Ended.Where(span => span.OperationName == "publish taps/{tapId}/receipts" && IsOfSender(span))];
    }

    [Fact]
    public async Task A_refused_pour_shows_as_an_error_and_its_dead_letter_names_the_trace()
    {
        using var spans = new RecordedSpans("Mqtt.Bridge", "Taproom.Ingest");
        await using var bridge = await TestBridge.StartAsync(redis);

        await Mosquitto.PublishAsync(
            bridge.Port,
            "taps/7/pours",
            """{"volume":5}""",
            $"-V 5 -q 1 -u 7 -i tap-7 -D publish user-property traceparent {Sender}"
        );

        var process = await spans.EndedAsync("process taps/{tapId}/pours", IsOfSender);
        Assert.Equal(ActivityStatusCode.Error, process.Status);
        Assert.Equal("payload_format_invalid", process.GetTagItem("error.type"));
        Assert.Equal(process.Id, Assert.Single(await bridge.DeadLettersAsync())["traceparent"]);
        Assert.Contains(spans.Ended, span => span.OperationName == "send dead" && span.ParentSpanId == process.SpanId);
    }

    // Tests that run at the same time have traces of their own.
    private static bool IsOfSender(Activity span) => span.TraceId.ToString() == Trace;
}
