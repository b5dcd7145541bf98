using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class TraceTests(Servers servers)
{
    [Fact]
    public async Task A_pour_is_processed_in_the_trace_that_appended_it_and_linked_to_its_batch()
    {
        using var source = new ActivitySource("Test.Front.Door");
        using var spans = new RecordedSpans("Taproom.Ingest", "Test.Front.Door");
        await using var worker = await Worker.CreateAsync(servers);

        ActivityTraceId trace;
        Guid id;
        using (var root = source.StartActivity("front door"))
        {
            trace = root!.TraceId;
            id = (await worker.AppendAsync("""{"volume":500}""")).Id;
        }

        await worker.TurnAsync();

        var send = spans.Ended.Single(span => span.OperationName == "send ingest" && span.TraceId == trace);
        var process = spans.Ended.Single(span => span.OperationName == "process ingest" && span.TraceId == trace);
        var receive = spans.Ended.Single(span => span.OperationName == "receive ingest" && span.SpanId == process.Links.Single().Context.SpanId);
        Assert.Equal((ActivityKind.Producer, ActivityKind.Consumer, ActivityKind.Client), (send.Kind, process.Kind, receive.Kind));
        Assert.Equal(send.SpanId, process.ParentSpanId);
        Assert.Equal(send.SpanId, receive.Links.Single().Context.SpanId);
        Assert.NotEqual(trace, receive.TraceId);
        Assert.Equal(id.ToString(), process.GetTagItem("messaging.message.id"));
        Assert.Contains(spans.Ended, span => span.OperationName == "ack ingest" && span.TraceId == receive.TraceId);
    }

    [Fact]
    public async Task What_is_stored_remembers_its_trace()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        using var spans = new RecordedSpans("Taproom.Ingest");
        await worker.AppendAsync("""{"volume":500}""");
        await worker.AppendAsync("1", tap: "", kind: EntryKinds.Message);
        await worker.AppendAsync(
            """{"component":"a","data":1,"email":"ann@bar.example","environment":"b","message":"c"}""",
            tap: "",
            kind: EntryKinds.Event
        );
        var entries = await worker.EntriesAsync();
        var traces = entries.Select(entry => Guid.ParseExact(((string)entry["traceparent"]!)[3..35], "N")).ToList();

        await worker.TurnAsync();

        Assert.Equal(
            traces,
            [
                (await worker.PoursAsync()).Single().TraceId!.Value,
                (await worker.QueryAsync(db => db.Messages.SingleAsync())).TraceId!.Value,
                (await worker.QueryAsync(db => db.Events.SingleAsync())).TraceId!.Value,
            ]
        );
    }

    [Fact]
    public async Task A_dead_letter_is_part_of_the_trace_that_appended_it()
    {
        using var spans = new RecordedSpans("Taproom.Ingest");
        await using var worker = await Worker.CreateAsync(servers);
        var id = (await worker.AppendAsync("not json")).Id.ToString();

        await worker.TurnAsync();

        var send = spans.Ended.Single(span => span.OperationName == "send ingest" && id.Equals(span.GetTagItem("messaging.message.id")));
        var dead = spans.Ended.Single(span => span.OperationName == "send dead" && id.Equals(span.GetTagItem("messaging.message.id")));
        var process = spans.Ended.Single(span => span.OperationName == "process ingest" && id.Equals(span.GetTagItem("messaging.message.id")));
        Assert.Equal((send.TraceId, send.SpanId), (process.TraceId, process.ParentSpanId));
        Assert.Equal((ActivityStatusCode.Error, "refused"), (process.Status, process.GetTagItem("error.type")));
        Assert.Equal((ActivityKind.Producer, process.TraceId, process.SpanId), (dead.Kind, dead.TraceId, dead.ParentSpanId));
    }

    [Fact]
    public async Task An_empty_read_leaves_no_span()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        using var spans = new RecordedSpans("Taproom.Ingest");

        Assert.Equal(0, await worker.TurnAsync());

        Assert.Empty(spans.Ended);
    }
}
