using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Testing;

namespace Distributed.Tests;

/// <summary>The spans of every way that an entry can take, as the Aspire dashboard has them: names, kinds, parents and links.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class TraceTests(TaproomApp app)
{
    private const string Simulator = "tap-simulator";
    private const string Sender = "b7ad6b7169203331";
    private static readonly string[] Groups = ["archive", "store"];

    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();

    private string TraceParent => $"00-{_trace}-{Sender}-01";

    [Fact]
    public async Task One_pour_of_a_tap_is_one_trace_from_its_publish_to_the_page_and_to_its_receipt()
    {
        string[] way = ["publish taps/{tapId}/pours", "push pours", "publish taps/{tapId}/receipts"];
        using var listener = await app.ListenAsync();
        var spans = await Eventually.ValueAsync(
            async () =>
                (await app.Dashboard.SpansAsync())
                    .GroupBy(span => span.TraceId)
                    .FirstOrDefault(trace =>
                        trace.Select(span => span.Name).ToHashSet().IsSupersetOf(way) && trace.Count(IsProcess) == 2 && IsJoined([.. trace])
                    )
                    ?.ToArray(),
            "a whole trace in the dashboard",
            TimeSpan.FromSeconds(60)
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
        using var listener = await app.ListenAsync();
        Assert.Equal(0, await app.PublishAsync(protocol, tap, $$"""{"volume":473,"traceparent":"{{TraceParent}}"}"""));

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
        using var listener = await app.ListenAsync();
        var id = Guid.CreateVersion7();
        await PostAsync("/api/beers", $$"""{"tapId":83,"volume":300,"id":"{{id}}"}""");

        var spans = await TraceAsync(trace => trace.Count(IsProcess) == 2 && trace.Any(span => span.Name == "push pours"));

        var request = Only(spans, "ingest-api", "POST /api/beers/", ActivityKind.Server, Sender);
        var send = Only(spans, "ingest-api", "send ingest", ActivityKind.Producer, request.SpanId);
        Assert.Equal($"{id}", send.MessageId);
        Only(spans, "dashboard-web", "push pours", ActivityKind.Producer, send.SpanId);
        await ProcessedAsync(spans, send.SpanId);
        using var api = app.ApiClient();
        var told = await api.GetFromJsonAsync<JsonElement>($"/api/beers/{id}/trace");
        Assert.Equal(_trace, told.GetProperty("traceId").GetString());
        Assert.Equal(new Uri(app.Dashboard.Address, $"/traces/detail/{_trace}").ToString(), told.GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_delivery_of_a_webhook_is_a_trace_of_one_span_linked_to_the_trace_of_its_pour()
    {
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        using var made = await api.PostAsJsonAsync("/api/webhooks", new { url = "https://pos.invalid/", kinds = (string[])["pour.stored"] });
        var hook = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();

        // The simulated taps pour all the time; each attempt is a trace.
        var sent = await Eventually.ValueAsync(
            async () => (await app.Dashboard.SpansAsync()).FirstOrDefault(span => span["messaging.destination.name"] == $"{hook}"),
            "an attempt in the dashboard",
            TimeSpan.FromSeconds(60)
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
        Assert.Single(await app.Dashboard.SpansAsync(), span => span.TraceId == sent.TraceId);
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
        using var listener = await app.ListenAsync();
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
        var spans = await Eventually.ValueAsync(
            async () =>
                (await app.Dashboard.SpansAsync())
                    .GroupBy(span => span.TraceId)
                    .FirstOrDefault(trace => trace.Any(span => span.Name == "poll meter") && trace.Count(IsProcess) == 2 && IsJoined([.. trace]))
                    ?.ToArray(),
            "a polled reading",
            TimeSpan.FromSeconds(60)
        );

        var poll = Only(spans, "ingest-api", "poll meter", ActivityKind.Internal, parent: null);
        var send = Only(spans, "ingest-api", "send ingest", ActivityKind.Producer, poll.SpanId);
        Assert.Single(spans, span => span.Kind is ActivityKind.Client && span.ParentSpanId == poll.SpanId && span.Name is "GET" or "POST");
        await ProcessedAsync(spans, send.SpanId);
    }

    [Fact]
    public async Task A_pour_that_the_bridge_refuses_is_a_dead_letter_in_its_trace_and_the_span_that_failed_says_so()
    {
        await app.PublishAsync("5", 85, $$"""{"volume":473,"id":"no uuid","traceparent":"{{TraceParent}}"}""");
        var dead = await LetterAsync(85);
        Assert.Contains("id", dead.GetProperty("reason").GetString());

        // What cannot be read names no trace, so it has one of its own.
        var spans = await Eventually.ValueAsync(
            async () =>
                (await app.Dashboard.SpansAsync())
                    .GroupBy(span => span.TraceId)
                    .FirstOrDefault(trace => trace.Any(span => span["messaging.destination.name"] == "taps/85/pours" && trace.Count() == 2))
                    ?.ToArray(),
            "its trace",
            TimeSpan.FromSeconds(60)
        );

        var process = Only(spans, "mqtt-bridge", "process taps/{tapId}/pours", ActivityKind.Consumer, parent: null);
        Assert.Equal((true, "payload_format_invalid"), (process.IsError, process["error.type"]));
        var letter = Only(spans, "mqtt-bridge", "send dead", ActivityKind.Producer, process.SpanId);
        Assert.Equal(process.TraceId, dead.GetProperty("traceId").GetString());
        Assert.Equal((false, "dead", process.MessageId), (letter.IsError, letter["messaging.destination.name"], letter.MessageId));
    }

    [Fact]
    public async Task A_pour_that_the_worker_refuses_is_a_dead_letter_in_its_trace_and_so_is_its_requeue()
    {
        var id = Guid.CreateVersion7();
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        using var first = await api.PostAsJsonAsync(
            "/api/beers",
            new
            {
                tapId = 86,
                volume = 473,
                id,
            }
        );
        await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/beers/{id}")).IsSuccessStatusCode, "the first is stored");
        // The same id of another tap.
        Assert.Equal(0, await app.PublishAsync("5", 87, $$"""{"volume":473,"id":"{{id}}","traceparent":"{{TraceParent}}"}"""));

        var spans = await TraceAsync(trace => trace.Count(IsProcess) == 2 && trace.Any(span => span.Name == "send dead"));
        var send = Only(spans, "mqtt-bridge", "send ingest", ActivityKind.Producer, spans.Single(span => span.ParentSpanId == Sender).SpanId);
        var process = Only(spans, "consumer-worker", "process ingest", ActivityKind.Consumer, send.SpanId, span => span.Group == "store");
        Assert.Equal((true, "refused"), (process.IsError, process["error.type"]));
        Only(spans, "consumer-worker", "send dead", ActivityKind.Producer, process.SpanId);

        // Put back it is refused again, in the same trace.
        var letter = await LetterAsync(87);
        using var requeued = await api.PostAsync($"/api/dead-letters/{letter.GetProperty("id").GetString()}/requeue", null);
        requeued.EnsureSuccessStatusCode();
        var after = await TraceAsync(trace => trace.Count(IsProcess) == 4 && trace.Count(span => span.Name == "send dead") == 2);
        var again = Only(after, "ingest-api", "send ingest", ActivityKind.Producer, send.SpanId);
        var request = await app.Dashboard.SpanAsync(Assert.Single(again.Links));
        Assert.Equal(("ingest-api", ActivityKind.Server), (request.Service, request.Kind));
        Assert.Contains("requeue", request.Name);
        Only(after, "consumer-worker", "process ingest", ActivityKind.Consumer, again.SpanId, span => span.Group == "store" && span.IsError);
    }

    [Fact]
    public async Task A_redelivered_pour_says_that_it_was_stored_before()
    {
        var id = Guid.CreateVersion7();
        var pour = $$"""{"volume":473,"id":"{{id}}","traceparent":"{{TraceParent}}"}""";
        Assert.Equal(0, await app.PublishAsync("5", 88, pour));
        await TraceAsync(trace => trace.Count(IsProcess) == 2);
        Assert.Equal(0, await app.PublishAsync("5", 88, pour));

        var spans = await TraceAsync(trace => trace.Count(IsProcess) == 4);

        Assert.Equal(
            ["false", "true"],
            spans.Where(span => IsProcess(span) && span.Group == "store").Select(span => span["taproom.duplicate"]).Order()
        );
        Assert.Equal(2, spans.Count(span => span.Name == "send ingest" && span.MessageId == $"{id}"));
        Assert.DoesNotContain(spans, span => span.IsError);
    }

    [Fact]
    public async Task An_idle_system_sends_no_span()
    {
        // Longer than any turn of work that comes by itself.
        var quiet = TimeSpan.FromSeconds(12);
        using var listener = await app.ListenAsync();
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        await MetersAreAsync(api, active: false);
        await CommandAsync(KnownResourceCommands.StopCommand);
        try
        {
            var (known, since) = (new HashSet<string>(), Stopwatch.GetTimestamp());
            await Eventually.TrueAsync(
                async () =>
                {
                    var now = await app.Dashboard.SpansAsync();
                    var before = known.Count;
                    known.UnionWith(now.Select(span => span.SpanId));
                    if (known.Count > before)
                    {
                        since = Stopwatch.GetTimestamp();
                    }

                    return Stopwatch.GetElapsedTime(since) > quiet;
                },
                "nothing comes any more",
                TimeSpan.FromSeconds(60)
            );
        }
        finally
        {
            await CommandAsync(KnownResourceCommands.StartCommand);
            await app.App.ResourceNotifications.WaitForResourceHealthyAsync(Simulator).WaitAsync(TimeSpan.FromMinutes(1));
            await MetersAreAsync(api, active: true);
        }
    }

    private static async Task MetersAreAsync(HttpClient api, bool active)
    {
        var meters = (await api.GetFromJsonAsync<JsonElement>("/api/meters")).GetProperty("meters").EnumerateArray().ToList();
        foreach (var meter in meters)
        {
            using var changed = await api.PatchAsJsonAsync($"/api/meters/{meter.GetProperty("id").GetString()}", new { active });
            changed.EnsureSuccessStatusCode();
        }
    }

    private async Task CommandAsync(string command)
    {
        var simulator = app.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == Simulator);
        var result = await app.App.ResourceCommands.ExecuteCommandAsync(simulator, command);
        Assert.True(result.Success, result.Message);
    }

    private static bool IsProcess(TracedSpan span) => span.Name == "process ingest";

    private static TracedSpan Only(
        IEnumerable<TracedSpan> spans,
        string service,
        string name,
        ActivityKind kind,
        string? parent,
        Func<TracedSpan, bool>? filter = null
    )
    {
        var span = Assert.Single(
            spans,
            span => span.Service == service && span.Name == name && span.ParentSpanId == parent && filter?.Invoke(span) != false
        );
        Assert.Equal(kind, span.Kind);
        return span;
    }

    /// <summary>An entry is processed by the store and the archive: each in a child of what sent it, linked to its batch, which is linked back.</summary>
    private async Task<TracedSpan> ProcessedAsync(IReadOnlyList<TracedSpan> spans, string send)
    {
        var processed = Groups
            .Select(group => Only(spans, "consumer-worker", "process ingest", ActivityKind.Consumer, send, span => span.Group == group))
            .ToList();
        foreach (var process in processed)
        {
            var receive = await app.Dashboard.SpanAsync(Assert.Single(process.Links));
            Assert.Equal(("consumer-worker", "receive ingest", ActivityKind.Client), (receive.Service, receive.Name, receive.Kind));
            Assert.Equal((null, process.Group), (receive.ParentSpanId, receive.Group));
            Assert.Contains(send, receive.Links);
            Assert.NotEqual(process.TraceId, receive.TraceId);
            var ack = await Eventually.ValueAsync(
                async () =>
                    (await app.Dashboard.SpansAsync()).FirstOrDefault(span => span.Name == "ack ingest" && span.ParentSpanId == receive.SpanId),
                "the batch is acknowledged"
            );
            Assert.Equal((ActivityKind.Client, "ack", "settle"), (ack.Kind, ack["messaging.operation.name"], ack["messaging.operation.type"]));
        }

        return processed[1];
    }

    private Task<TracedSpan[]> TraceAsync(Func<IReadOnlyList<TracedSpan>, bool> isWhole) =>
        app.Dashboard.TraceAsync(_trace, spans => isWhole(spans) && IsJoined(spans), "the whole trace");

    // Each service sends its spans when it likes.
    private static bool IsJoined(IReadOnlyList<TracedSpan> spans) =>
        spans.All(span => span.ParentSpanId is null or Sender || spans.Any(parent => parent.SpanId == span.ParentSpanId));

    private async Task<JsonElement> LetterAsync(int tap)
    {
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        object letter = await Eventually.ValueAsync<object>(
            async () =>
                (await api.GetFromJsonAsync<JsonElement>("/api/dead-letters?page_size=500"))
                    .GetProperty("deadLetters")
                    .EnumerateArray()
                    .Where(letter => letter.GetProperty("tap").GetString() == $"{tap}")
                    .Cast<object>()
                    .LastOrDefault(),
            "the dead letter"
        );
        return (JsonElement)letter;
    }

    // With a client that is not traced itself, as that would put its own trace in place of this one.
    private async Task PostAsync(string path, string json)
    {
        using var device = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = app.Endpoint("ingest-api") };
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
            Headers = { { "traceparent", TraceParent }, { "Authorization", $"Bearer {TaproomApp.AdminKey}" } },
        };
        using var answer = await device.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
