using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.SignalR;
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
    public async Task Every_listener_gets_every_pour_once_and_those_of_a_tap_in_order()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var first = await dashboard.ListenAsync();
        await using var second = await dashboard.ListenAsync();

        var sent = new List<(int Tap, Guid Id)>();
        for (var i = 0; i < 200; i++)
        {
            sent.Add((1 + (i % 3), (await dashboard.AppendAsync(tapId: 1 + (i % 3))).Id));
        }

        foreach (var listener in new[] { first, second })
        {
            var heard = new List<(int Tap, Guid Id)>();
            for (var i = 0; i < sent.Count; i++)
            {
                var pour = (await listener.NextAsync()).Argument;
                heard.Add((pour.GetProperty("tapId").GetInt32(), pour.GetProperty("id").GetGuid()));
            }

            Assert.Equal(sent.ToLookup(pour => pour.Tap, pour => pour.Id), heard.ToLookup(pour => pour.Tap, pour => pour.Id));
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
        using var spans = new RecordedSpans("Dashboard.Web", "Taproom.Ingest");
        using var metrics = new RecordedMetrics("taproom.pour.end_to_end.duration");
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var id = (await dashboard.AppendAsync()).Id;
        var (_, frame) = await listener.NextAsync();

        var send = spans.Find("send ingest", id);
        await Eventually.TrueAsync(() => Task.FromResult(spans.Ended.Any(span => span.ParentSpanId == send.SpanId)), "the push has ended");
        var push = spans.Ended.Single(span => span.ParentSpanId == send.SpanId);
        Assert.Equal(("push pours", ActivityKind.Producer, send.TraceId), (push.OperationName, push.Kind, push.TraceId));
        Assert.Equal(push.Id, frame.GetProperty("traceparent").GetString());
        Assert.All(metrics.Measured, measured => Assert.Equal(("s", "push"), (measured.Unit, measured.Tags["taproom.stage"])));
        Assert.NotEmpty(metrics.Measured);
        Assert.Equal(send.TraceId.ToHexString(), dashboard.Board.View().Latest.Single().Pour.TraceId?.ToString("N"));
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_cut_off_and_holds_up_nobody()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers, ("Dashboard:ListenerBuffer", "20"));
        await dashboard.StartAsync();
        using var stuck = new ClientWebSocket();
        await stuck.ConnectAsync(new UriBuilder(dashboard.HubAddress) { Scheme = "ws" }.Uri, CancellationToken.None);
        await stuck.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(dashboard.Listeners.Count == 1), "the stuck listener is known");

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
        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                await stuck.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
            }
        });

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

        var refusal = await Assert.ThrowsAsync<HubException>(() => listener.CallAsync("pour", new { }));

        Assert.Contains("does not exist", refusal.Message, StringComparison.Ordinal);
    }
}
