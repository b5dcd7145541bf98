using Microsoft.EntityFrameworkCore;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>Two workers as processes of their own, of which one is stopped or killed.</summary>
[Collection(nameof(ServersCollection))]
public sealed class WorkerProcessTests(Servers servers)
{
    private const string Pour = """{"volume":500}""";

    [Fact]
    public async Task A_worker_that_is_stopped_in_mid_transaction_holds_up_no_partition_of_the_other_and_nothing_is_lost()
    {
        await using var doors = await Worker.CreateAsync(servers);
        await doors.Get<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
        await using var stopped = Start(doors);
        await using var other = Start(doors);
        var (held, free) = (await HeldAsync(doors, stopped), await HeldAsync(doors, other));
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(doors, end.Token);
        var sent = new List<(int Tap, Guid Id)>();
        await using var holder = new NpgsqlConnection(doors.Settings["ConnectionStrings:taproomdb"]);
        await holder.OpenAsync();

        await using (var transaction = await holder.BeginTransactionAsync())
        {
            // Whoever stores this pour waits in its transaction for the end of this one.
            var waited = Guid.CreateVersion7();
            await using var insert = new NpgsqlCommand(
                $"INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at) VALUES ('{waited}', 1, 500, 2, now(), now())",
                holder
            );
            await insert.ExecuteNonQueryAsync();
            sent.Add((held[0], (await doors.AppendAsync(Pour, $"{held[0]}", waited)).Id));
            await Eventually.TrueAsync(() => WaitsAsync(doors), "the worker waits in its transaction");
            await stopped.SignalAsync("STOP");

            // The other stores its own partitions, and what it takes over of the stopped one's.
            foreach (var tap in (int[])[free[0], free[1], held[1], free[0], held[1]])
            {
                sent.Add((tap, (await doors.AppendAsync(Pour, $"{tap}")).Id));
            }

            await Eventually.TrueAsync(async () => (await doors.PoursAsync()).Count == sent.Count - 1, "all but one are stored");
            await transaction.RollbackAsync();
        }

        sent.Add((held[0], (await doors.AppendAsync(Pour, $"{held[0]}")).Id));
        await Eventually.TrueAsync(async () => (await doors.PoursAsync()).Count == sent.Count, "all are stored");
        await stopped.SignalAsync("CONT");
        await Eventually.TrueAsync(async () => await HeldAsync(doors, stopped) is { Count: 2 }, "it has partitions again");
        foreach (var tap in (int[])[.. held, .. free])
        {
            sent.Add((tap, (await doors.AppendAsync(Pour, $"{tap}")).Id));
        }

        await Eventually.TrueAsync(async () => await ListedAsync(doors) == sent.Count, "all are listed");
        await end.CancelAsync();
        var (listed, read) = (await doors.PoursAsync(), await reading);
        Assert.Equal(listed.Select(pour => pour.Id), read);
        Assert.All(
            sent.GroupBy(pour => pour.Tap, pour => pour.Id),
            tap => Assert.Equal(tap, listed.Where(pour => pour.TapId == tap.Key).Select(pour => pour.Id))
        );
    }

    [Fact]
    public async Task The_partitions_of_a_killed_worker_are_taken_over_and_a_reader_misses_nothing()
    {
        Assert.True(PartitionLeases.GoneAfter + PartitionLeases.Period < TimeSpan.FromSeconds(5));
        await using var doors = await Worker.CreateAsync(servers);
        await using var killed = Start(doors);
        await using var other = Start(doors);
        var held = await HeldAsync(doors, killed);
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(doors, end.Token);
        var sent = new List<Guid>();
        for (var n = 0; n < 300; n++)
        {
            sent.Add((await doors.AppendAsync(Pour, $"{held[n % held.Count]}")).Id);
            if (n == 100)
            {
                await killed.KillAsync();
            }
        }

        await Eventually.TrueAsync(async () => await ListedAsync(doors) == sent.Count, "the other has stored all");
        await end.CancelAsync();
        Assert.Equal(sent.Order(), (await reading).Order());
    }

    private static ServiceProcess Start(Worker worker) =>
        ServiceProcess.Start("Consumer.Worker", new Dictionary<string, string?>(worker.Settings) { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" });

    /// <summary>Waits until the worker holds half of the partitions, and gives a tap of each.</summary>
    private static async Task<IReadOnlyList<int>> HeldAsync(Worker doors, ServiceProcess process)
    {
        var partitions = await Eventually.ValueAsync(
            async () =>
            {
                var leases = await doors.Redis.HashGetAllAsync(doors.Keys.LeasesKey);
                var held = leases.Where(lease => $"{lease.Value}".Contains($"-{process.Id}-")).Select(lease => (int)lease.Name).ToList();
                return held.Count == 2 ? held : null;
            },
            "the worker holds half of the partitions",
            TimeSpan.FromSeconds(60)
        );
        return
        [
            .. partitions.Select(partition =>
                Enumerable.Range(1, 1_000).First(tap => doors.Keys.StreamKeyOf(Entry(tap)) == doors.Keys.StreamKeys()[partition])
            ),
        ];
    }

    private static IngestEntry Entry(int tap) =>
        new()
        {
            Id = Guid.Empty,
            Kind = EntryKinds.Pour,
            Tap = $"{tap}",
            ReceivedAt = default,
            Body = [],
        };

    /// <summary>Pages through the list by its cursor, again and again from where it was.</summary>
    private static async Task<List<Guid>> ReadAsync(Worker doors, CancellationToken end)
    {
        var (read, tx, seq) = (new List<Guid>(), 0UL, 0L);
        for (var isLast = false; !isLast; )
        {
            isLast = end.IsCancellationRequested;
            foreach (var pour in await doors.QueryAsync(db => db.Pours.InsertedAfter(tx, seq).Take(7).ToListAsync(CancellationToken.None)))
            {
                (tx, seq, isLast) = (pour.Tx, pour.Seq, false);
                read.Add(pour.Id);
            }

            await Task.Delay(5, CancellationToken.None);
        }

        return read;
    }

    private static Task<int> ListedAsync(Worker doors) => doors.QueryAsync(db => db.Pours.InsertedAfter(0, 0).CountAsync());

    private static Task<bool> WaitsAsync(Worker doors) =>
        doors.QueryAsync(db =>
            db.Database.SqlQueryRaw<bool>(
                    "SELECT count(*) > 0 AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                .SingleAsync()
        );
}
