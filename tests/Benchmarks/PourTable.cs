using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Testing;

namespace Benchmarks;

/// <summary>The table <c>pours</c> in a database of its own, with the schema as shipped.</summary>
internal sealed class PourTable : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly string _admin;
    private readonly CancellationToken _stopping;
    private readonly NpgsqlDataSource _source;

    private PourTable(Run run, string connectionString)
    {
        (_admin, _stopping, ConnectionString) = (run.Servers.Postgres.ConnectionString, run.Stopping, connectionString);
        var own = new NpgsqlDataSourceBuilder(connectionString);
        own.ConnectionStringBuilder.CommandTimeout = (int)Patience.TotalSeconds;
        _source = own.Build();
    }

    /// <summary>Connection string of the database.</summary>
    public string ConnectionString { get; }

    /// <summary>Makes the database.</summary>
    public static async Task<PourTable> CreateAsync(Run run)
    {
        var created = new NpgsqlConnectionStringBuilder(await run.Servers.Postgres.CreateDatabaseAsync());
        // The pool of a service as shipped; the one of tests is small and soon lets connections go.
        var shipped = new NpgsqlConnectionStringBuilder
        {
            Host = created.Host,
            Port = created.Port,
            Username = created.Username,
            Password = created.Password,
            Database = created.Database,
        };
        return new PourTable(run, shipped.ConnectionString);
    }

    /// <summary>Fills it with pours as time would have done it: ids of version 7, one pour a second, 64 taps.</summary>
    public async Task FillAsync(int count)
    {
        await ExecuteAsync(
            $"""
            INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at)
            SELECT overlay(overlay(gen_random_uuid()::text PLACING '7' FROM 15) PLACING substr(ms, 1, 8) || '-' || substr(ms, 9) FROM 1)::uuid,
                1 + n % 64, 101 + n % 900, CASE WHEN n % 900 < 200 THEN 1 WHEN n % 900 < 700 THEN 2 ELSE 3 END, at, at
            FROM (
                SELECT n, at, lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS ms
                FROM (SELECT n, now() - ({count} - n) * interval '1 second' AS at FROM generate_series(1, {count}) AS n) AS times
            ) AS rows
            """
        );
        // What the load has left to do would otherwise be done beside the first measurement.
        await ExecuteAsync("VACUUM ANALYZE pours");
        await ExecuteAsync("CHECKPOINT");
    }

    /// <summary>The newest sequence number; cheap to ask, and it rises by one with each pour that is stored, a little before its commit.</summary>
    public Task<long> NewestAsync() => AskAsync("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('pours', 'seq')::regclass), 0)");

    /// <summary>Waits until some pours are stored.</summary>
    /// <param name="after">The newest sequence number before them.</param>
    /// <param name="count">How many.</param>
    /// <param name="unknown">How many more there may be.</param>
    /// <returns>A time stamp (<see cref="Stopwatch"/>) at which they were.</returns>
    /// <exception cref="TimeoutException">They do not come.</exception>
    /// <exception cref="InvalidOperationException">There are more.</exception>
    public async Task<long> StoredAsync(long after, long count, long unknown = 0)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var asked = Stopwatch.GetTimestamp();
            // The count reads the whole table, so it is only asked for at the end.
            var stored = await NewestAsync() < after + count ? 0 : await AskAsync($"SELECT count(*) FROM pours WHERE seq > {after}");
            if (stored >= count)
            {
                Check.That(stored <= count + unknown, $"{count:N0} pours were accepted, and {stored:N0} are stored.");
                return asked;
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Of {count:N0} pours about {await NewestAsync() - after:N0} are stored after {Patience}.");
            }

            await Task.Delay(Interval, _stopping);
        }
    }

    /// <summary>Ids of about so many pours, spread over all of them.</summary>
    public async Task<IReadOnlyList<Guid>> SampleAsync(int count)
    {
        var percent = Math.Min(100, 100.0 * count / await NewestAsync()).ToString(CultureInfo.InvariantCulture);
        await using var command = _source.CreateCommand($"SELECT id FROM pours TABLESAMPLE BERNOULLI ({percent})");
        await using var reader = await command.ExecuteReaderAsync(_stopping);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(_stopping))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    private async Task<long> AskAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(_stopping))!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_stopping);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        var database = new NpgsqlConnectionStringBuilder(ConnectionString).Database;
        await using var admin = NpgsqlDataSource.Create(_admin);
        await using var drop = admin.CreateCommand($"DROP DATABASE {database} WITH (FORCE)");
        await drop.ExecuteNonQueryAsync();
    }
}
