using Microsoft.EntityFrameworkCore;
using Npgsql;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class PreparedStatementTests(Servers servers)
{
    private const string ForeignSql = "SELECT count(*)::int AS \"Value\" FROM pg_prepared_statements WHERE statement LIKE 'PREPARE%'";

    [Fact]
    public async Task A_connection_that_has_lost_count_of_its_prepared_statements_is_given_up()
    {
        var database = new NpgsqlConnectionStringBuilder(await servers.Postgres.CreateDatabaseAsync()) { MaxPoolSize = 1 };
        await using var worker = await Worker.CreateAsync(
            servers,
            ("ConnectionStrings:taproomdb", database.ConnectionString),
            ("Store:MaxBackoff", "00:00:00.5")
        );
        await worker.StartAsync();
        await StoreAsync("""{"volume":500}""", EntryKinds.Pour, db => db.Pours.CountAsync());
        // The client takes the next names for the statements that store messages; it does not know of these.
        await worker.QueryAsync(async db =>
        {
            var known = await db.Database.SqlQueryRaw<string>("SELECT name AS \"Value\" FROM pg_prepared_statements").ToListAsync();
            Assert.NotEmpty(known);
            var others = Enumerable.Range(0, 50).Select(n => $"_auto{n}").Except(known);
            return await db.Database.ExecuteSqlRawAsync(string.Join(';', others.Select(name => $"PREPARE {name} AS SELECT 1")));
        });

        await StoreAsync("""{"hello":"world"}""", EntryKinds.Message, db => db.Messages.CountAsync());
        // Not the same connection any more.
        Assert.Equal(0, await CountAsync(db => db.Database.SqlQueryRaw<int>(ForeignSql).SingleAsync()));
        await worker.StopAsync();

        async Task StoreAsync(string body, string kind, Func<TaproomDb, Task<int>> count)
        {
            for (var n = 1; n <= 10; n++)
            {
                await worker.AppendAsync(body, "7", kind: kind);
                await Eventually.TrueAsync(async () => await CountAsync(count) == n, "it is stored");
            }
        }

        // The connection of the test is the worker's.
        async Task<int?> CountAsync(Func<TaproomDb, Task<int>> count)
        {
            try
            {
                return await worker.QueryAsync(count);
            }
            catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.DuplicatePreparedStatement)
            {
                return null;
            }
        }
    }
}
