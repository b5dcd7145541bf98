using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed class CounterTests(Servers servers)
{
    [Fact]
    public async Task Counters_begin_with_what_is_stored_and_what_waits_in_the_stream()
    {
        await using var earlier = await Dashboard.CreateAsync(servers);
        await earlier.StartAsync();
        var stored = await earlier.AppendAsync(500, tapId: 1);
        await earlier.StoreAsync(stored, Dashboard.Entry(250, tapId: 2) with { TraceParent = Dashboard.TraceParent });
        await earlier.AppendAsync(300, tapId: 1);

        await using var dashboard = earlier.Sibling();
        await dashboard.StartAsync();

        await dashboard.ShowsAsync(1, pours: 2, volumeMl: 800);
        await dashboard.ShowsAsync(2, pours: 1, volumeMl: 250);
        Assert.Equal([false, true, true], dashboard.Board.View().Latest.Select(row => row.IsStored).Order());
        Assert.Equal(
            "0af7651916cd43dd8448eb211c80319c",
            dashboard.Board.View().Latest.Single(row => row.Pour.TapId == 2).Pour.TraceId?.ToString("N")
        );
    }

    [Fact]
    public async Task A_pour_of_pulses_is_shown_without_a_volume_until_it_is_stored_and_counted_then()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.RegisterAsync(1, "Bar left");
        await dashboard.ExecuteSqlAsync($"INSERT INTO calibrations (tap_id, valid_from, pulses_per_litre) VALUES (1, now(), 450)");
        await dashboard.StartAsync();

        var entry = await dashboard.AppendAsync(Dashboard.Entry(tapId: 1) with { Body = """{"pulses":213}"""u8.ToArray() });
        await Eventually.TrueAsync(() => Task.FromResult(dashboard.Board.View().Latest.Count == 1), "it is shown");
        Assert.Equal((null, null, false), dashboard.Board.View().Latest.Single() is var row ? (row.Pour.VolumeMl, row.Glass, row.IsStored) : default);
        Assert.Equal(0, dashboard.Tap(1)!.Pours);

        await dashboard.StoreAsync(entry);
        await dashboard.SendReceiptAsync(entry);
        await dashboard.ShowsAsync(1, pours: 1, volumeMl: 473.333m);
        await Eventually.TrueAsync(() => Task.FromResult(dashboard.Board.View().Latest.Single().Pour.VolumeMl == 473.333m), "its volume is known");
        Assert.Equal("pint", dashboard.Board.View().Latest.Single().Glass);
        Assert.Equal(1, dashboard.Tap(1)!.Mix.Single().Value);
    }

    [Fact]
    public async Task A_pour_from_long_ago_that_comes_again_is_taken_back()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        var old = Dashboard.Entry(400, tapId: 5);
        await dashboard.StoreAsync(old);
        await dashboard.StoreAsync([.. Enumerable.Range(0, 100).Select(_ => Dashboard.Entry(400, tapId: 5))]);
        await dashboard.StartAsync();
        await dashboard.ShowsAsync(5, pours: 101, volumeMl: 40_400);

        await dashboard.AppendAsync(400, tapId: 5, old.Id);
        await dashboard.AppendAsync(100, tapId: 6);
        await dashboard.ShowsAsync(6, pours: 1, volumeMl: 100);

        await dashboard.ShowsAsync(5, pours: 101, volumeMl: 40_400);
    }

    [Fact]
    public async Task A_pour_whose_receipt_was_missed_is_marked_stored_all_the_same()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await using var listener = await dashboard.ListenAsync();

        var entry = await dashboard.AppendAsync(500, tapId: 1);
        Assert.Equal("pour", (await listener.NextAsync()).Method);
        await dashboard.StoreAsync(entry);

        Assert.Equal("stored", (await listener.NextAsync()).Method);
        Assert.True(dashboard.Board.View().Latest.Single().IsStored);
        await dashboard.ShowsAsync(1, pours: 1, volumeMl: 500);
    }

    [Fact]
    public async Task Counters_stay_right_while_pours_are_received_and_stored_side_by_side()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers, ("Dashboard:ReconcileInterval", "00:00:00.100"));
        await dashboard.StartAsync();

        for (var i = 1; i <= 150; i++)
        {
            var entry = await dashboard.AppendAsync(200, tapId: 8);
            await dashboard.StoreAsync(entry);
            await dashboard.SendReceiptAsync(entry);
            Assert.True((dashboard.Tap(8)?.Pours ?? 0) <= i, "A pour was counted twice.");
        }

        await dashboard.ShowsAsync(8, pours: 150, volumeMl: 30_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deleted_pour_leaves_the_list_and_the_counters_even_when_nobody_tells(bool announced)
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        var kept = await dashboard.AppendAsync(500, tapId: 1);
        var deleted = await dashboard.AppendAsync(300, tapId: 1);
        await dashboard.StoreAsync(kept, deleted);
        await dashboard.SendReceiptAsync(kept);
        await dashboard.SendReceiptAsync(deleted);
        await dashboard.ShowsAsync(1, pours: 2, volumeMl: 800);
        await using var listener = await dashboard.ListenAsync();

        await dashboard.DeleteAsync(deleted, announced);

        var next = await listener.NextAsync();
        while (next.Method == "stored")
        {
            next = await listener.NextAsync();
        }

        Assert.Equal("deleted", next.Method);
        Assert.Equal(deleted.Id, next.Argument.GetProperty("ids").EnumerateArray().Single().GetGuid());
        await dashboard.ShowsAsync(1, pours: 1, volumeMl: 500);
        Assert.Equal(kept.Id, dashboard.Board.View().Latest.Single().Pour.Id);

        await dashboard.AppendAsync(300, tapId: 1, deleted.Id);
        await dashboard.AppendAsync(200, tapId: 1);
        await dashboard.ShowsAsync(1, pours: 2, volumeMl: 700);
    }
}
