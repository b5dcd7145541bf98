using Consumer.Worker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Pours;
using Taproom.Signals;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class StoreConsumerTests(Servers servers)
{
    [Fact]
    public async Task A_pour_is_stored_with_all_that_was_reported()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var entry = await worker.AppendAsync("""{"volume":300.001,"pouredAt":"2026-05-01T20:15:30.5+02:00"}""", tap: "12");

        Assert.Equal(1, await worker.TurnAsync());

        var pour = Assert.Single(await worker.PoursAsync());
        Assert.Equal((entry.Id, 12, 300.001m, GlassType.Pint), (pour.Id, pour.TapId, pour.VolumeMl, pour.Glass));
        Assert.Equal(DateTimeOffset.Parse("2026-05-01T18:15:30.5Z"), pour.PouredAt);
        Assert.Equal(entry.ReceivedAt.ToUnixTimeMilliseconds(), pour.ReceivedAt.ToUnixTimeMilliseconds());
        Assert.Equal(0, await worker.PendingAsync());
    }

    [Fact]
    public async Task Totals_of_a_tap_follow_its_pours()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.AppendAsync("""{"volume":250.5}""", tap: "1");
        await worker.AppendAsync("""{"volume":473}""", tap: "2");
        await worker.TurnAsync();
        await worker.AppendAsync("""{"volume":100}""", tap: "1");
        await worker.TurnAsync();

        var taps = await worker.QueryAsync(db => db.Taps.OrderBy(tap => tap.Id).ToListAsync());

        Assert.Equal([(1, 2L, 350.5m), (2, 1L, 473m)], taps.Select(tap => (tap.Id, tap.Pours, tap.VolumeMl)));
        Assert.True(taps[0].FirstSeen < taps[0].LastSeen);
    }

    [Fact]
    public async Task Volumes_of_any_number_of_decimals_keep_all_totals_readable_and_exact()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        var keg = await worker.TapKegAsync(tapId: 7, sizeMl: 30_000);
        for (var n = 0; n < 30; n++)
        {
            await worker.AppendAsync("""{"volume":473.3333333333333333333333333}""");
        }

        await worker.TurnAsync();

        Assert.Equal([473.333m], (await worker.PoursAsync()).Select(pour => pour.VolumeMl).Distinct());
        Assert.Equal(14_199.99m, await worker.QueryAsync(db => db.Taps.Select(tap => tap.VolumeMl).SingleAsync()));
        Assert.Equal(14_199.99m, await worker.QueryAsync(db => db.GlassTotals.Select(glass => glass.VolumeMl).SingleAsync()));
        Assert.Equal(14_199.99m, await worker.QueryAsync(db => db.HourTotals.SumAsync(hour => hour.VolumeMl)));
        Assert.Equal(15_800.01m, await worker.QueryAsync(db => db.Kegs.Where(row => row.Id == keg).Select(row => row.LevelMl).SingleAsync()));
    }

    [Fact]
    public async Task A_pour_that_comes_again_is_stored_and_counted_once()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var id = Guid.NewGuid();
        await worker.AppendAsync("""{"volume":500}""", id: id);
        await worker.AppendAsync("""{"volume":500}""", id: id);
        await worker.TurnAsync();
        await worker.AppendAsync("""{"volume":500}""", id: id);
        await worker.TurnAsync();

        Assert.Single(await worker.PoursAsync());
        Assert.Equal(1, await worker.QueryAsync(db => db.Taps.Where(tap => tap.Id == 7).Select(tap => tap.Pours).SingleAsync()));
        Assert.Equal(0, await worker.PendingAsync());
    }

    [Fact]
    public async Task A_crash_between_the_commit_and_the_acknowledgement_stores_nothing_twice()
    {
        await using var dead = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        await dead.TurnAsync();
        var entry = await dead.AppendAsync("""{"volume":500}""");
        // What a worker has done when it dies after its commit: read and stored, not acknowledged.
        Assert.Single((await dead.ReadAsync()).Entries);
        await using (var scope = dead.Get<IServiceScopeFactory>().CreateAsyncScope())
        {
            var store = scope.ServiceProvider.GetRequiredService<Taproom.Store.PourStore>();
            await store.StoreAsync([new Pour(entry.Id, 7, 500, entry.ReceivedAt, entry.ReceivedAt)], CancellationToken.None);
        }

        await using var survivor = dead.Sibling();
        await Eventually.TrueAsync(
            async () =>
            {
                await survivor.TurnAsync();
                return await survivor.PendingAsync() == 0;
            },
            "the survivor takes the entry over"
        );

        Assert.Single(await survivor.PoursAsync());
        Assert.Equal(1, await survivor.QueryAsync(db => db.Taps.Select(tap => tap.Pours).SingleAsync()));
    }

    [Fact]
    public async Task Entries_that_can_never_be_stored_become_dead_letters_and_the_rest_of_the_batch_is_stored()
    {
        await using var worker = await Worker.CreateAsync(servers);
        await worker.TurnAsync();
        await worker.ExecuteSqlAsync("ALTER TABLE pours ADD CONSTRAINT unlucky CHECK (tap_id <> 13)");
        var good = await worker.AppendAsync("""{"volume":500}""");
        await worker.AppendAsync("not json");
        await worker.AppendAsync("""{"volume":99.999}""");
        await worker.AppendAsync("""{"volume":500}""", tap: "0");
        await worker.AppendAsync("""{"volume":500}""", tap: "13");
        await worker.AppendAsync("""{"volume":500}""", kind: "riddle");
        await worker.Redis.StreamAddAsync(worker.Keys.StreamKeys()[0], [new NameValueEntry("id", "none")]);
        var last = await worker.AppendAsync("""{"volume":500}""");

        Assert.Equal(8, await worker.TurnAsync());

        Assert.Equal([good.Id, last.Id], (await worker.PoursAsync()).Select(pour => pour.Id).Order());
        Assert.Equal(0, await worker.PendingAsync());
        var dead = await worker.DeadLettersAsync();
        Assert.Equal(6, dead.Length);
        Assert.All(
            dead,
            letter =>
            {
                Assert.False(letter["reason"].IsNullOrEmpty);
                Assert.Equal("store", (string?)letter["source"]);
                Assert.Equal(1, (int)letter["deliveries"]);
                Assert.True((long)letter["failedAt"] > 0);
            }
        );
        Assert.Contains(dead, letter => letter["tap"] == "13" && letter["reason"].ToString().Contains("23514", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_Postgres_is_down_nothing_is_acknowledged_and_afterwards_everything_is_stored()
    {
        var postgres = new PostgresServer();
        await postgres.InitializeAsync();
        try
        {
            await using var worker = await Worker.CreateAsync(
                servers,
                ("ConnectionStrings:taproomdb", await postgres.CreateDatabaseAsync()),
                ("Store:MaxBackoff", "00:00:00.2")
            );
            await worker.TurnAsync();
            await worker.StartAsync();
            await postgres.KillAsync();
            foreach (var tap in Enumerable.Range(1, 5))
            {
                await worker.AppendAsync("""{"volume":500}""", tap.ToString());
            }

            await Eventually.TrueAsync(async () => await worker.PendingAsync() > 0, "the worker has tried");
            await postgres.StartAsync();
            await Eventually.TrueAsync(async () => await worker.PendingAsync() == 0 && (await worker.PoursAsync()).Count == 5, "all five are stored");
            Assert.Empty(await worker.DeadLettersAsync());
            await worker.StopAsync();
        }
        finally
        {
            await postgres.DisposeAsync();
        }
    }

    [Fact]
    public async Task While_Redis_is_down_the_worker_waits_and_loses_nothing_that_was_accepted()
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var worker = await Worker.CreateAsync(
                servers,
                ("ConnectionStrings:redis", redis.ConnectionString),
                ("Store:MaxBackoff", "00:00:00.2")
            );
            await worker.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
            await worker.AppendAsync("""{"volume":500}""", tap: "1");
            await redis.KillAsync();
            await worker.StartAsync();
            await redis.StartAsync();

            await Eventually.TrueAsync(async () => (await worker.PoursAsync()).Count == 1, "what Redis accepted is stored");
            await worker.StopAsync();
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_worker_that_stops_and_starts_again_stores_each_pour_once()
    {
        await using var first = await Worker.CreateAsync(servers, ("Store:BatchSize", "3"));
        await first.TurnAsync();
        var ids = new HashSet<Guid>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add((await first.AppendAsync("""{"volume":500}""")).Id);
        }

        await first.StartAsync();
        await Eventually.TrueAsync(async () => (await first.PoursAsync()).Count > 0, "the first worker is in the middle of it");
        await first.StopAsync();
        await using var second = first.Sibling();
        await second.StartAsync();

        await Eventually.TrueAsync(async () => (await second.PoursAsync()).Count == 100, "all pours are stored");
        Assert.Equal(ids, (await second.PoursAsync()).Select(pour => pour.Id).ToHashSet());
        await Eventually.TrueAsync(async () => await second.PendingAsync() == 0, "all are acknowledged");
        await second.StopAsync();
    }

    [Fact]
    public async Task Each_commit_is_told_to_the_sender_also_of_a_pour_that_came_again()
    {
        await using var worker = await Worker.CreateAsync(servers);
        var told = new System.Collections.Concurrent.ConcurrentQueue<Receipt>();
        await worker.Get<Receipts>().SubscribeAsync(told.Enqueue);
        var id = Guid.NewGuid();
        await worker.AppendAsync("""{"volume":500}""", id: id);
        await worker.TurnAsync();
        await worker.AppendAsync("""{"volume":500}""", id: id);
        await worker.TurnAsync();

        await Eventually.TrueAsync(() => Task.FromResult(told.Count == 2), "two receipts");
        Assert.All(told, receipt => Assert.Equal(("7", id), (receipt.Tap, Assert.Single(receipt.Ids))));
    }
}
