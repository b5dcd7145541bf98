using Dashboard.Web.Board;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed class EntriesTests(Servers servers)
{
    [Fact]
    public async Task A_listener_gets_a_message_when_it_is_received_and_is_told_when_it_is_stored()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var entry = await dashboard.AppendAsync(Dashboard.Message("""{"hello":["wörld",1]}"""));
        var (method, frame) = await listener.NextAsync();

        Assert.Equal("message", method);
        Assert.Equal(
            ["id", "receivedAt", "text", "traceparent"],
            frame.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(entry.Id, frame.GetProperty("id").GetGuid());
        Assert.Equal("""{"hello":["wörld",1]}""", frame.GetProperty("text").GetString());
        Assert.False(dashboard.Latest(EntryKinds.Message).Single().IsStored);

        await dashboard.SendReceiptAsync(entry);
        (method, frame) = await listener.NextAsync();

        Assert.Equal("stored", method);
        Assert.Equal(entry.Id, frame.GetProperty("ids").EnumerateArray().Single().GetGuid());
        Assert.True(dashboard.Latest(EntryKinds.Message).Single().IsStored);
    }

    [Fact]
    public async Task Every_listener_gets_every_message_and_event_once()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var first = await dashboard.ListenAsync();
        await using var second = await dashboard.ListenAsync();

        var sent = new List<(string, Guid)>();
        for (var i = 0; i < 100; i++)
        {
            var entry = await dashboard.AppendAsync(i % 2 == 0 ? Dashboard.Message($"{i}") : Dashboard.Event($"{i}"));
            await dashboard.AppendAsync(entry);
            sent.Add((entry.Kind, entry.Id));
        }

        foreach (var listener in new[] { first, second })
        {
            var heard = new List<(string, Guid)>();
            for (var i = 0; i < sent.Count; i++)
            {
                var (method, frame) = await listener.NextAsync();
                heard.Add((method, frame.GetProperty("id").GetGuid()));
            }

            Assert.Equal(sent.Order(), heard.Order());
        }

        // Two of one millisecond in different partitions have no order.
        var latest = dashboard.Latest(EntryKinds.Message);
        Assert.Equal(latest.OrderByDescending(entry => entry.ReceivedAt), latest);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{2 * i}").Order(), latest.Select(entry => entry.Json).Order());
    }

    [Fact]
    public async Task Many_messages_push_out_no_event()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        var rare = await dashboard.AppendAsync(Dashboard.Event("door open"));
        for (var i = 0; i < 60; i++)
        {
            await dashboard.AppendAsync(Dashboard.Message($"{i}"));
        }

        // Partitions are read one after the other, so that the last one may come before others.
        await ShowsAsync(dashboard, EntryKinds.Message, latest => latest.Count >= 50 && latest.Any(entry => entry.Json == "59"));
        Assert.Equal(50, dashboard.Latest(EntryKinds.Message).Count);
        await ShowsAsync(dashboard, EntryKinds.Event, latest => latest.Count > 0);
        Assert.Equal(rare.Id, Assert.Single(dashboard.Latest(EntryKinds.Event)).Id);
    }

    [Fact]
    public async Task The_newest_messages_and_events_are_there_after_a_restart()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        List<IngestEntry> messages = [.. Enumerable.Range(0, 60).Select(i => Dashboard.Message($"{i}"))];
        foreach (var message in messages)
        {
            await dashboard.StoreMoreAsync(message);
        }

        var stored = Dashboard.Event("door open") with { TraceParent = Dashboard.TraceParent };
        await dashboard.StoreMoreAsync(stored);
        await dashboard.StartAsync();

        await ShowsAsync(dashboard, EntryKinds.Event, latest => latest.Count == 1);
        var shown = Assert.Single(dashboard.Latest(EntryKinds.Event));
        Assert.Equal(EntryView.Read(stored)! with { IsStored = true }, shown);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", shown.TraceId?.ToString("N"));
        await ShowsAsync(dashboard, EntryKinds.Message, latest => latest.Count == 50);
        var latest = dashboard.Latest(EntryKinds.Message);
        Assert.Equal(messages.TakeLast(50).Select(message => message.Id).ToHashSet(), latest.Select(entry => entry.Id).ToHashSet());
        Assert.All(latest, entry => Assert.True(entry.IsStored));
    }

    [Fact]
    public async Task An_event_that_nobody_was_told_of_is_shown_and_pushed_all_the_same_and_once()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await dashboard.StoreMoreAsync(Dashboard.Event("before anybody listened"));
        await ShowsAsync(dashboard, EntryKinds.Event, latest => latest.Count == 1);
        await using var listener = await dashboard.ListenAsync();

        var untold = Dashboard.Event("keg low");
        await dashboard.StoreMoreAsync(untold);
        var (method, frame) = await listener.NextAsync();
        Assert.Equal(("event", untold.Id), (method, frame.GetProperty("id").GetGuid()));
        Assert.Equal("stored", (await listener.NextAsync()).Method);
        Assert.Equal(untold.Id, dashboard.Latest(EntryKinds.Event)[0].Id);

        await dashboard.AppendAsync(untold);
        var next = await dashboard.AppendAsync(Dashboard.Event("next"));
        Assert.Equal(next.Id, (await listener.NextAsync()).Argument.GetProperty("id").GetGuid());
        Assert.Equal(3, dashboard.Latest(EntryKinds.Event).Count);
    }

    [Fact]
    public async Task A_message_whose_receipt_was_missed_is_marked_stored_all_the_same()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var entry = await dashboard.AppendAsync(Dashboard.Message("1"));
        Assert.Equal("message", (await listener.NextAsync()).Method);
        await dashboard.StoreMoreAsync(entry);

        Assert.Equal("stored", (await listener.NextAsync()).Method);
        Assert.True(dashboard.Latest(EntryKinds.Message).Single().IsStored);
    }

    [Fact]
    public async Task A_message_that_was_on_its_way_for_long_is_pushed_also_where_newer_ones_fill_the_page()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await dashboard.StoreMoreAsync(Enumerable.Range(0, 50).Select(i => Dashboard.Message($"{i}")));
        await ShowsAsync(dashboard, EntryKinds.Message, latest => latest.Count == 50);
        await using var listener = await dashboard.ListenAsync();

        var late = Dashboard.Message("\"late\"");
        await dashboard.AppendAsync(late with { ReceivedAt = late.ReceivedAt.AddDays(-1) });

        Assert.Equal(late.Id, (await listener.NextAsync()).Argument.GetProperty("id").GetGuid());
        Assert.DoesNotContain(dashboard.Latest(EntryKinds.Message), entry => entry.Id == late.Id);
    }

    [Fact]
    public async Task What_can_never_be_stored_is_not_shown()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await dashboard.AppendAsync(Dashboard.Message("no JSON"));
        await dashboard.AppendAsync(Dashboard.Event("\"}"));
        await dashboard.AppendAsync(Dashboard.Message("1"));

        await ShowsAsync(dashboard, EntryKinds.Message, latest => latest.Count > 0);
        Assert.Equal("1", Assert.Single(dashboard.Latest(EntryKinds.Message)).Json);
        Assert.Empty(dashboard.Latest(EntryKinds.Event));
    }

    [Fact]
    public async Task Whatever_comes_is_text_on_the_page()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await dashboard.AppendAsync(Dashboard.Message("\"<script>alert(1)</script>\""));
        await dashboard.AppendAsync(Dashboard.Event("<script>alert(1)</script>"));
        await ShowsAsync(dashboard, EntryKinds.Event, latest => latest.Count == 1);

        using var client = dashboard.CreateClient();
        foreach (var path in (string[])["/messages", "/events"])
        {
            var html = await client.GetStringAsync(path);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        }
    }

    private static Task ShowsAsync(Dashboard dashboard, string kind, Func<IReadOnlyList<EntryView>, bool> condition) =>
        Eventually.TrueAsync(() => Task.FromResult(condition(dashboard.Latest(kind))), $"the board shows every {kind}");
}
