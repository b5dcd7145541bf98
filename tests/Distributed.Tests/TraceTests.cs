using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Distributed.Tests;

/// <summary>The spans of every way that an entry can take, as the Aspire dashboard has them: names, kinds, parents and links.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class TraceTests(TaproomApp app) : TracedWay(app)
{
    [Fact]
    public async Task One_pour_of_a_tap_is_one_trace_from_its_publish_to_the_page_and_to_its_receipt()
    {
        string[] way = ["publish taps/{tapId}/pours", "push pours", "publish taps/{tapId}/receipts"];
        using var listener = await App.ListenAsync();
        var spans = await App.Dashboard.FindAsync(
            all =>
                all.GroupBy(span => span.TraceId)
                    .FirstOrDefault(trace =>
                        trace.Select(span => span.Name).ToHashSet().IsSupersetOf(way) && trace.Count(IsProcess) == 2 && IsJoined([.. trace])
                    )
                    ?.ToArray(),
            "a whole trace in the dashboard"
        );

        var publish = Only(spans, "tap-simulator", "publish taps/{tapId}/pours", ActivityKind.Producer, parent: null);
        var bridge = Only(spans, "mqtt-bridge", "process taps/{tapId}/pours", ActivityKind.Consumer, publish.SpanId);
        var send = Only(spans, "mqtt-bridge", "send ingest", ActivityKind.Producer, bridge.SpanId);
        var stored = await ProcessedAsync(spans, send.SpanId);
        Only(spans, "dashboard-web", "push pours", ActivityKind.Producer, send.SpanId);
        Only(spans, "mqtt-bridge", "publish taps/{tapId}/receipts", ActivityKind.Producer, stored.SpanId);
        Assert.Equal(7, spans.Length);
        Assert.All(spans.Where(span => span.Name != "publish taps/{tapId}/receipts"), span => Assert.Equal(publish.MessageId, span.MessageId));
        Assert.Equal(
            ("mqtt", "publish", "send"),
            (publish["messaging.system"], publish["messaging.operation.name"], publish["messaging.operation.type"])
        );
        Assert.Equal(
            ("mqtt", "process", "process"),
            (bridge["messaging.system"], bridge["messaging.operation.name"], bridge["messaging.operation.type"])
        );
        Assert.Equal(("redis", "send", "send"), (send["messaging.system"], send["messaging.operation.name"], send["messaging.operation.type"]));
        Assert.Equal(
            ("redis", "process", "process"),
            (stored["messaging.system"], stored["messaging.operation.name"], stored["messaging.operation.type"])
        );
        Assert.All([publish, send], span => Assert.True(span["server.address"] is not null && span["server.port"] is not null));
        Assert.Equal("taps/{tapId}/pours", bridge["messaging.destination.template"]);
    }

    [Theory]
    [InlineData("5", 81)]
    [InlineData("311", 82)]
    public async Task A_pour_of_a_foreign_client_goes_on_in_its_senders_trace_whatever_its_version_of_MQTT(string protocol, int tap)
    {
        using var listener = await App.ListenAsync();
        Assert.Equal(0, await App.PublishAsync(protocol, tap, $$"""{"volume":473,"traceparent":"{{TraceParent}}"}"""));

        var spans = await TraceAsync(trace => trace.Count(IsProcess) == 2 && trace.Any(span => span.Name == "push pours"));

        var bridge = Only(spans, "mqtt-bridge", "process taps/{tapId}/pours", ActivityKind.Consumer, Sender);
        Assert.Equal(($"taps/{tap}/pours", $"foreign-{tap}"), (bridge["messaging.destination.name"], bridge["messaging.client.id"]));
        var send = Only(spans, "mqtt-bridge", "send ingest", ActivityKind.Producer, bridge.SpanId);
        Only(spans, "dashboard-web", "push pours", ActivityKind.Producer, send.SpanId);
        await ProcessedAsync(spans, send.SpanId);
        Assert.Equal(5, spans.Length);
        Assert.DoesNotContain(spans, span => span.IsError);
    }

    [Fact]
    public async Task A_pour_over_HTTP_is_a_trace_of_its_request()
    {
        using var listener = await App.ListenAsync();
        var id = Guid.CreateVersion7();
        await PostAsync("/api/beers", $$"""{"tapId":83,"volume":300,"id":"{{id}}"}""");

        var spans = await TraceAsync(trace => trace.Count(IsProcess) == 2 && trace.Any(span => span.Name == "push pours"));

        var request = Only(spans, "ingest-api", "POST /api/beers/", ActivityKind.Server, Sender);
        var send = Only(spans, "ingest-api", "send ingest", ActivityKind.Producer, request.SpanId);
        Assert.Equal($"{id}", send.MessageId);
        Only(spans, "dashboard-web", "push pours", ActivityKind.Producer, send.SpanId);
        await ProcessedAsync(spans, send.SpanId);
        using var api = App.ApiClient();
        var told = await api.GetFromJsonAsync<JsonElement>($"/api/beers/{id}/trace");
        Assert.Equal(TraceId, told.GetProperty("traceId").GetString());
        Assert.Equal(new Uri(App.Dashboard.Address, $"/traces/detail/{TraceId}").ToString(), told.GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_delivery_of_a_webhook_is_a_trace_of_one_span_linked_to_the_trace_of_its_pour()
    {
        using var api = App.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        using var made = await api.PostAsJsonAsync("/api/webhooks", new { url = "https://pos.invalid/", kinds = (string[])["pour.stored"] });
        var hook = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();

        // The simulated taps pour all the time; each attempt is a trace.
        var sent = await App.Dashboard.FindAsync(
            all => all.FirstOrDefault(span => span["messaging.destination.name"] == $"{hook}"),
            "an attempt in the dashboard"
        );

        await api.DeleteAsync($"/api/webhooks/{hook}");
        Assert.Equal(
            ("ingest-api", "send webhook", ActivityKind.Producer, null, true),
            (sent.Service, sent.Name, sent.Kind, sent.ParentSpanId, sent.IsError)
        );
        Assert.Equal(("webhook", "send", "send"), (sent["messaging.system"], sent["messaging.operation.name"], sent["messaging.operation.type"]));
        Assert.Equal(("pos.invalid", "443", "NameResolutionError"), (sent["server.address"], sent["server.port"], sent["error.type"]));
        var pour = Guid.ParseExact(sent.MessageId!.Split('_')[2], "N");
        var told = await api.GetFromJsonAsync<JsonElement>($"/api/beers/{pour}/trace");
        Assert.Equal(told.GetProperty("traceId").GetString(), Assert.Single(sent.LinkedTraces));
        Assert.Single(await App.Dashboard.SpansAsync(), span => span.TraceId == sent.TraceId);
    }

    [Fact]
    public async Task A_batch_over_HTTP_is_sent_in_one_span_and_each_of_its_pours_is_processed_in_its_own()
    {
        await PostAsync("/api/beers/batch", """[{"tapId":84,"volume":300},{"tapId":84,"volume":400},{"tapId":84,"volume":500}]""");

        var spans = await TraceAsync(trace => trace.Count(IsProcess) == 6);

        var request = Only(spans, "ingest-api", "POST /api/beers/batch", ActivityKind.Server, Sender);
        var send = Only(spans, "ingest-api", "send ingest", ActivityKind.Producer, request.SpanId);
        Assert.Equal(("3", null), (send["messaging.batch.message_count"], send.MessageId));
        Assert.Equal(3, spans.Where(IsProcess).Select(span => span.MessageId).Distinct().Count());
        Assert.All(spans.Where(IsProcess), span => Assert.Equal(send.SpanId, span.ParentSpanId));
    }

    [Theory]
    [InlineData("/api/messages", "POST /api/messages/", "push messages", """{"hello":"world"}""")]
    [InlineData(
        "/api/events",
        "POST /api/events/",
        "push events",
        """{"component":"line","data":{},"email":"ann@bar.example","environment":"test","message":"cleaned"}"""
    )]
    public async Task A_message_and_an_event_take_the_same_way(string path, string request, string push, string body)
    {
        using var listener = await App.ListenAsync();
        await PostAsync(path, body);

        var spans = await TraceAsync(trace => trace.Count(IsProcess) == 2 && trace.Any(span => span.Name == push));

        var send = Only(
            spans,
            "ingest-api",
            "send ingest",
            ActivityKind.Producer,
            Only(spans, "ingest-api", request, ActivityKind.Server, Sender).SpanId
        );
        Only(spans, "dashboard-web", push, ActivityKind.Producer, send.SpanId);
        await ProcessedAsync(spans, send.SpanId);
    }

    [Fact]
    public async Task A_meter_reading_is_a_trace_of_its_poll()
    {
        var spans = await App.Dashboard.FindAsync(
            all =>
                all.GroupBy(span => span.TraceId)
                    .FirstOrDefault(trace => trace.Any(span => span.Name == "poll meter") && trace.Count(IsProcess) == 2 && IsJoined([.. trace]))
                    ?.ToArray(),
            "a polled reading"
        );

        var poll = Only(spans, "ingest-api", "poll meter", ActivityKind.Internal, parent: null);
        var send = Only(spans, "ingest-api", "send ingest", ActivityKind.Producer, poll.SpanId);
        Assert.Single(spans, span => span.Kind is ActivityKind.Client && span.ParentSpanId == poll.SpanId && span.Name is "GET" or "POST");
        await ProcessedAsync(spans, send.SpanId);
    }
}
