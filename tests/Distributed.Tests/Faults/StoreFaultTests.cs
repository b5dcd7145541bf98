using Npgsql;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>Faults of the stores, one after the other while the same taps pour, and one account at the end.</summary>
[Trait("Category", "Faults")]
public sealed class StoreFaultTests
{
    // What a disk that is full makes Postgres say, where no small one can be mounted.
    private const string RefuseSql = """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END';
        CREATE TRIGGER refuse BEFORE INSERT ON pours EXECUTE FUNCTION refuse();
        """;

    [Fact]
    public async Task Nothing_is_lost_while_Redis_is_full_Postgres_only_reads_or_has_no_connections_or_no_room_and_connections_to_Redis_die_without_a_word()
    {
        await using var disk = await SmallDisk.TryMountAsync();
        await using var run = await SmallRun.StartAsync();

        await FillRedisAsync(run);
        await Eventually.TrueAsync(async () => await HealthAsync(run) == "Degraded", "the API says that nothing new is accepted");
        await run.Entries.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await run.Entries.SomeAsync();
        await run.StoresAsync();

        await run.ExecuteAsync("ALTER SYSTEM SET default_transaction_read_only = on");
        await run.ExecuteAsync("SELECT pg_reload_conf()");
        await run.StoresNothingAsync();
        await run.ExecuteAsync("ALTER SYSTEM RESET default_transaction_read_only");
        await run.ExecuteAsync("SELECT pg_reload_conf()");
        await run.StoresAsync();

        var taken = await TakeAllConnectionsAsync(run);
        await run.Entries.SomeAsync();
        await Task.WhenAll(taken.Select(connection => connection.CloseAsync()));
        await run.StoresAsync();

        await FillDiskAsync(run, disk);
        await run.StoresNothingAsync();
        await (disk is null ? run.ExecuteAsync("DROP TRIGGER refuse ON pours") : Task.Run(disk.Free));
        await run.StoresAsync();

        // Connections that have died without a word are made anew, and receipts come again.
        await Task.WhenAll(
            run.Taproom.Networks.Where(network => network.Key.EndsWith("redis", StringComparison.Ordinal))
                .SelectMany(network => network.Value)
                .Select(relay => relay.SilenceAsync(TimeSpan.FromSeconds(1)))
        );

        await run.AssertNothingLostAsync();
    }

    /// <summary>Sets its limit to what it has: what the workers free makes room for a few pours again and again.</summary>
    private static async Task FillRedisAsync(SmallRun run)
    {
        var used = (await run.Entries.Redis.ExecuteAsync("INFO", "memory")).ToString()!.Split("used_memory:")[1].Split('\r')[0];
        await run.Entries.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", used);
    }

    private static async Task<string> HealthAsync(SmallRun run)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync($"http://127.0.0.1:{run.Taproom.Api.Port}/health");
    }

    private static async Task FillDiskAsync(SmallRun run, SmallDisk? disk)
    {
        if (disk is null)
        {
            await run.ExecuteAsync(RefuseSql);
            return;
        }

        await run.ExecuteAsync($"CREATE TABLESPACE small LOCATION '{disk.Path}'");
        await run.ExecuteAsync("ALTER TABLE pours SET TABLESPACE small");
        disk.Fill();
    }

    /// <summary>Takes every connection that the server has, those of the services too.</summary>
    private static async Task<List<NpgsqlConnection>> TakeAllConnectionsAsync(SmallRun run)
    {
        var own = $"{run.Taproom.Postgres.ConnectionString};Pooling=false";
        var taken = new List<NpgsqlConnection> { (await TryOpenAsync(own))! };
        await Eventually.TrueAsync(
            async () =>
            {
                await using var end = new NpgsqlCommand(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE 'test_%' AND pid <> pg_backend_pid()",
                    taken[0]
                );
                var ended = (long)(await end.ExecuteScalarAsync())!;
                while (await TryOpenAsync(own) is { } connection)
                {
                    taken.Add(connection);
                }

                return ended == 0;
            },
            "the services have no connection"
        );
        return taken;
    }

    private static async Task<NpgsqlConnection?> TryOpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            await connection.DisposeAsync();
            return null;
        }
    }
}
