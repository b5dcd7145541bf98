using System.Collections.Concurrent;
using System.Diagnostics;
using Taproom.Signals;
using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed class LiveFeedTests(Servers servers)
{
    [Fact]
    public async Task A_listener_gets_a_pour_when_it_is_received_and_is_told_when_it_is_stored()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var entry = await dashboard.AppendAsync(473.5m, tapId: 3);
        var (method, frame) = await listener.NextAsync();

        Assert.Equal("pour", method);
        Assert.Equal(
            ["glass", "id", "pouredAt", "receivedAt", "tapId", "traceparent", "volumeMl"],
            frame.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(entry.Id, frame.GetProperty("id").GetGuid());
        Assert.Equal(3, frame.GetProperty("tapId").GetInt32());
        Assert.Equal(473.5m, frame.GetProperty("volumeMl").GetDecimal());
        Assert.Equal("pint", frame.GetProperty("glass").GetString());
        Assert.Equal(entry.ReceivedAt, frame.GetProperty("receivedAt").GetDateTimeOffset());
        Assert.Equal(entry.ReceivedAt, frame.GetProperty("pouredAt").GetDateTimeOffset());
        Assert.False(dashboard.Board.View().Latest.Single().IsStored);

        await dashboard.SendReceiptAsync(entry);
        (method, frame) = await listener.NextAsync();

        Assert.Equal("stored", method);
        Assert.Equal(entry.Id, frame.GetProperty("ids").EnumerateArray().Single().GetGuid());
        Assert.True(dashboard.Board.View().Latest.Single().IsStored);
    }

    [Fact]
    public async Task Every_listener_gets_every_pour_in_the_order_of_the_stream()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var first = await dashboard.ListenAsync();
        await using var second = await dashboard.ListenAsync();

        var ids = new List<Guid>();
        for (var i = 0; i < 200; i++)
        {
            ids.Add((await dashboard.AppendAsync(tapId: 1 + (i % 3))).Id);
        }

        foreach (var listener in new[] { first, second })
        {
            foreach (var id in ids)
            {
                Assert.Equal(id, (await listener.NextAsync()).Argument.GetProperty("id").GetGuid());
            }
        }
    }

    [Fact]
    public async Task A_pour_that_comes_again_is_pushed_and_counted_once()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var entry = await dashboard.AppendAsync(500, tapId: 4);
        await dashboard.AppendAsync(500, tapId: 4, entry.Id);
        await dashboard.StoreAsync(entry);
        await dashboard.AppendAsync(500, tapId: 4, entry.Id);
        var last = await dashboard.AppendAsync(300, tapId: 4);

        Assert.Equal(entry.Id, (await listener.NextAsync()).Argument.GetProperty("id").GetGuid());
        var next = await listener.NextAsync();
        while (next.Method == "stored")
        {
            next = await listener.NextAsync();
        }

        Assert.Equal(last.Id, next.Argument.GetProperty("id").GetGuid());
        await dashboard.ShowsAsync(4, pours: 2, volumeMl: 800);
    }

    [Fact]
    public async Task A_receipt_that_overtakes_its_pour_is_told_after_it()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var marker = await dashboard.AppendAsync();
        await listener.NextAsync();
        var entry = Dashboard.Entry();
        await dashboard.SendReceiptAsync(entry);
        await dashboard.SendReceiptAsync(marker);
        Assert.Equal("stored", (await listener.NextAsync()).Method);
        await dashboard.AppendAsync(id: entry.Id);

        Assert.Equal("pour", (await listener.NextAsync()).Method);
        var (method, frame) = await listener.NextAsync();
        Assert.Equal("stored", method);
        Assert.Equal(entry.Id, frame.GetProperty("ids").EnumerateArray().Single().GetGuid());
    }

    [Fact]
    public async Task A_push_is_a_child_of_the_span_that_appended_the_pour()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Dashboard.Web" or "Taproom.Ingest",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(spans);
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var id = (await dashboard.AppendAsync()).Id;
        var (_, frame) = await listener.NextAsync();

        var send = ended.Single(span => span.OperationName == "send ingest" && Equals(span.GetTagItem("messaging.message.id"), id.ToString()));
        await Eventually.TrueAsync(() => Task.FromResult(ended.Any(span => span.ParentSpanId == send.SpanId)), "the push has ended");
        var push = ended.Single(span => span.ParentSpanId == send.SpanId);
        Assert.Equal(("push pours", ActivityKind.Producer, send.TraceId), (push.OperationName, push.Kind, push.TraceId));
        Assert.Equal(push.Id, frame.GetProperty("traceparent").GetString());
        Assert.Equal(send.TraceId.ToHexString(), dashboard.Board.View().Latest.Single().Pour.TraceId?.ToString("N"));
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_cut_off_and_holds_up_nobody()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers, ("Dashboard:ListenerBuffer", "20"));
        await dashboard.StartAsync();
        await using var stuck = await dashboard.ListenAsync();

        // More than the sockets between them buffer.
        var ballast = new string('x', 1_000_000);
        await Eventually.TrueAsync(
            () =>
            {
                dashboard.Listeners.Broadcast("ballast", ballast);
                return Task.FromResult(dashboard.Listeners.Count == 0);
            },
            "the stuck listener is cut off"
        );
        await stuck.EndedAsync();

        await using var reader = await dashboard.ListenAsync();
        var id = (await dashboard.AppendAsync()).Id;
        Assert.Equal(id, (await reader.NextAsync()).Argument.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task A_listener_can_call_nothing()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        await listener.SendAsync("""{"type":1,"invocationId":"1","target":"pour","arguments":[{}]}""");
        var answer = await listener.ReadAsync();

        Assert.Equal(3, answer.GetProperty("type").GetInt32());
        Assert.Contains("does not exist", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
