using System.Diagnostics;
using System.Net.Http.Json;
using Aspire.Hosting.ApplicationModel;
using Testing;

namespace Distributed.Tests;

/// <summary>The spans of what is refused, comes again or does not happen, as the Aspire dashboard has them.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class RefusalTraceTests(TaproomApp app) : TracedWay(app)
{
    [Fact]
    public async Task A_pour_that_the_bridge_refuses_is_a_dead_letter_in_its_trace_and_the_span_that_failed_says_so()
    {
        await App.PublishAsync("5", 85, $$"""{"volume":473,"id":"no uuid","traceparent":"{{TraceParent}}"}""");
        var dead = await LetterAsync(85);
        Assert.Contains("id", dead.GetProperty("reason").GetString());

        // What cannot be read names no trace, so it has one of its own.
        var spans = await App.Dashboard.FindAsync(
            all =>
                all.GroupBy(span => span.TraceId)
                    .FirstOrDefault(trace => trace.Any(span => span["messaging.destination.name"] == "taps/85/pours" && trace.Count() == 2))
                    ?.ToArray(),
            "its trace"
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
        using var api = App.ApiClient();
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
        Assert.Equal(0, await App.PublishAsync("5", 87, $$"""{"volume":473,"id":"{{id}}","traceparent":"{{TraceParent}}"}"""));

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
        var request = await LinkedAsync(again);
        Assert.Equal(("ingest-api", ActivityKind.Server), (request.Service, request.Kind));
        Assert.Contains("requeue", request.Name);
        Only(after, "consumer-worker", "process ingest", ActivityKind.Consumer, again.SpanId, span => span.Group == "store" && span.IsError);
    }

    [Fact]
    public async Task A_redelivered_pour_says_that_it_was_stored_before()
    {
        var id = Guid.CreateVersion7();
        var pour = $$"""{"volume":473,"id":"{{id}}","traceparent":"{{TraceParent}}"}""";
        Assert.Equal(0, await App.PublishAsync("5", 88, pour));
        await TraceAsync(trace => trace.Count(IsProcess) == 2);
        Assert.Equal(0, await App.PublishAsync("5", 88, pour));

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
        using var listener = await App.ListenAsync();
        using var api = App.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        await MetersAreAsync(api, active: false);
        await CommandAsync(KnownResourceCommands.StopCommand);
        try
        {
            var (known, since) = (new HashSet<string>(), Stopwatch.GetTimestamp());
            await App.Dashboard.FindAsync(
                now =>
                {
                    var before = known.Count;
                    known.UnionWith(now.Select(span => span.SpanId));
                    if (known.Count > before)
                    {
                        since = Stopwatch.GetTimestamp();
                    }

                    return Stopwatch.GetElapsedTime(since) > quiet ? now : null;
                },
                "nothing comes any more"
            );
        }
        finally
        {
            await CommandAsync(KnownResourceCommands.StartCommand);
            await App.App.ResourceNotifications.WaitForResourceHealthyAsync(Simulator).WaitAsync(TimeSpan.FromMinutes(1));
            await MetersAreAsync(api, active: true);
        }
    }
}
