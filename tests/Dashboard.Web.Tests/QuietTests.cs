using Dashboard.Web.Board;
using Taproom.Ingest;
using Testing;

namespace Dashboard.Web.Tests;

/// <summary>While nobody looks nothing is read, and who comes then sees all of it.</summary>
[Collection(nameof(ServersCollection))]
public sealed class QuietTests(Servers servers)
{
    [Fact]
    public async Task What_came_while_nobody_looked_is_there_for_who_comes_and_what_comes_next_is_live()
    {
        await using var dashboard = await QuietAsync();
        await StartedAndLeftAsync(dashboard);
        await dashboard.PutKegAsync(3, 30_000);
        List<IngestEntry> stored = [.. Enumerable.Range(0, 120).Select(_ => Dashboard.Entry(500, tapId: 3)), Dashboard.Entry(250, tapId: 4)];
        await dashboard.StoreAsync(stored);
        var late = Dashboard.Entry(800, tapId: 5);
        await dashboard.StoreAsync(late with { ReceivedAt = late.ReceivedAt.AddHours(-1) });
        var waiting = await dashboard.AppendAsync(300, tapId: 4);
        await dashboard.StoreMoreAsync(Dashboard.Message("1"), Dashboard.Event("door open"));
        Assert.Equal(BoardState.Starting, dashboard.Board.View().State);
        Assert.Empty(dashboard.Board.View().Taps);

        await using var listener = await dashboard.ListenAsync();
        await LiveAsync(dashboard);

        var view = dashboard.Board.View();
        Assert.Equal([(3, 120), (4, 2), (5, 1)], view.Taps.Select(tap => (tap.TapId, (int)tap.Pours)));
        Assert.Equal(-30_000, view.Taps[0].Keg?.LevelMl);
        Assert.Equal([120, 2, 0], view.Taps.Select(tap => tap.Activity.Sum()));
        Assert.Equal((122, 122), (view.Activity.Sum(), view.PoursPerMinute));
        Assert.Equal(50, view.Latest.Count);
        Assert.Equal([waiting.Id], view.Latest.Where(row => !row.IsStored).Select(row => row.Pour.Id));
        Assert.True(Assert.Single(view.Messages).IsStored);
        Assert.True(Assert.Single(view.Events).IsStored);

        var next = await dashboard.AppendAsync(500, tapId: 3);
        var (method, frame) = await listener.NextAsync();
        Assert.Equal(("pour", next.Id), (method, frame.GetProperty("id").GetGuid()));
        await dashboard.ShowsAsync(3, pours: 121, volumeMl: 60_500);
        Assert.Equal(next.Id, dashboard.Board.View().Latest[0].Pour.Id);
        Assert.Equal(123, dashboard.Board.View().Activity.Sum());
    }

    [Fact]
    public async Task A_listener_who_comes_after_a_quiet_time_misses_nothing()
    {
        await using var dashboard = await QuietAsync();
        await StartedAndLeftAsync(dashboard);
        for (var n = 0; n < 3; n++)
        {
            await dashboard.AppendAsync();
            await using (var listener = await dashboard.ListenAsync())
            {
                var id = (await dashboard.AppendAsync()).Id;
                Assert.Equal(id, (await listener.NextAsync()).Argument.GetProperty("id").GetGuid());
                // Before it is live it is not left either.
                await LiveAsync(dashboard);
            }

            await LeftAsync(dashboard);
        }
    }

    [Fact]
    public async Task What_is_stored_and_read_from_the_stream_at_once_is_counted_once()
    {
        await using var dashboard = await QuietAsync();
        await StartedAndLeftAsync(dashboard);
        // Nobody has acknowledged it: the worker stopped after it had stored it.
        await dashboard.StoreAsync(await dashboard.AppendAsync(500, tapId: 3), await dashboard.AppendAsync(500, tapId: 3));

        using var watching = await dashboard.WatchAsync();

        var view = dashboard.Board.View();
        Assert.Equal((2, 2, 2, 2), ((int)view.Pours, view.Latest.Count, view.Activity.Sum(), view.PoursPerMinute));
        Assert.All(view.Latest, row => Assert.True(row.IsStored));
    }

    [Fact]
    public async Task A_board_that_was_left_forgets_all_and_shows_nothing_of_it_before_it_is_loaded_again()
    {
        await using var dashboard = await QuietAsync();
        await StartedAndLeftAsync(dashboard);
        var deleted = await dashboard.AppendAsync(500, tapId: 3);
        await dashboard.StoreAsync(deleted);
        int collections;
        using (await dashboard.WatchAsync())
        {
            await dashboard.ShowsAsync(3, pours: 1, volumeMl: 500);
            collections = GC.CollectionCount(GC.MaxGeneration);
        }

        await LeftAsync(dashboard);
        Assert.Empty(dashboard.Board.View().Latest);
        await Eventually.TrueAsync(() => Task.FromResult(GC.CollectionCount(GC.MaxGeneration) > collections), "its memory is given back");
        await dashboard.DeleteAsync(deleted);
        await dashboard.AppendAsync(300, tapId: 4);

        using var watching = await dashboard.WatchAsync();
        await dashboard.ShowsAsync(4, pours: 1, volumeMl: 300);
        Assert.Null(dashboard.Tap(3));
        Assert.Equal(4, Assert.Single(dashboard.Board.View().Latest).Pour.TapId);
    }

    [Fact]
    public async Task A_page_is_delivered_with_what_came_before_it()
    {
        await using var dashboard = await QuietAsync();
        await StartedAndLeftAsync(dashboard);
        await dashboard.StoreAsync(Dashboard.Entry(500, tapId: 71));
        using var client = dashboard.CreateClient();

        // A page waits for the board for half a second, in which a busy machine may not have loaded it: then the next one, from the start.
        await Eventually.TrueAsync(
            async () =>
            {
                await LeftAsync(dashboard);
                return (await client.GetStringAsync("/")).Contains("data-tap=\"71\"", StringComparison.Ordinal);
            },
            "the page has the tap"
        );
    }

    [Fact]
    public async Task While_nobody_looks_nothing_is_read_and_no_span_is_made()
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var dashboard = await QuietAsync(("ConnectionStrings:redis", redis.ConnectionString));
            await StartedAndLeftAsync(dashboard);
            await Eventually.TrueAsync(async () => await redis.BlockedClientsAsync() == 0, "nobody waits in Redis");
            await dashboard.StoreAsync(Dashboard.Entry());
            using var spans = new RecordedSpans("Dashboard.Web", "Npgsql", "Taproom.Ingest");
            var before = await redis.CommandsAsync();
            await dashboard.AppendAsync();
            await dashboard.SendReceiptAsync(Dashboard.Entry());

            // Longer than any feed waits between two turns.
            await Task.Delay(TimeSpan.FromSeconds(3));

            var after = await redis.CommandsAsync();
            string[] reads = ["xread", "xrevrange", "xinfo|groups", "hgetall"];
            Assert.NotEmpty(reads.Intersect(before.Keys));
            Assert.All(reads, name => Assert.Equal(before.GetValueOrDefault(name), after.GetValueOrDefault(name)));
            Assert.Equal(0, await redis.BlockedClientsAsync());
            Assert.All(spans.Ended, span => Assert.Equal("send ingest", span.OperationName));
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    private Task<Dashboard> QuietAsync(params (string Key, string Value)[] settings) =>
        Dashboard.CreateAsync(servers, [("Dashboard:Linger", "00:00:00.100"), .. settings]);

    private static async Task StartedAndLeftAsync(Dashboard dashboard)
    {
        dashboard.StartServer();
        using (await dashboard.WatchAsync()) { }

        await LeftAsync(dashboard);
    }

    private static Task LeftAsync(Dashboard dashboard) => StateIsAsync(dashboard, BoardState.Starting);

    private static Task LiveAsync(Dashboard dashboard) => StateIsAsync(dashboard, BoardState.Live);

    private static Task StateIsAsync(Dashboard dashboard, BoardState state) =>
        Eventually.TrueAsync(() => Task.FromResult(dashboard.Board.View().State == state), $"the board is {state}");
}
