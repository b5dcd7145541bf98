using Npgsql;
using Testing;

namespace Distributed.Tests.Faults;

[Trait("Category", "Faults")]
public sealed class PostgresFaultTests
{
    // What a disk that is full makes Postgres say, where no small one can be mounted.
    private const string RefuseSql = """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END';
        CREATE TRIGGER refuse BEFORE INSERT ON pours EXECUTE FUNCTION refuse();
        """;

    [Fact]
    public async Task What_is_accepted_while_Postgres_only_reads_or_has_no_connections_or_no_room_is_stored_afterwards()
    {
        await using var disk = await SmallDisk.TryMountAsync();
        await using var run = await SmallRun.StartAsync();

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

        await run.AssertNothingLostAsync();
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
