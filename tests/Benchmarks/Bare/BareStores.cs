using System.Diagnostics;
using Npgsql;
using StackExchange.Redis;

namespace Benchmarks.Bare;

/// <summary>What Redis and Postgres themselves take, from a client that does nothing else.</summary>
internal static class BareStores
{
    /// <summary>Appends that wait for Redis at a time.</summary>
    public const int InFlight = 256;

    /// <summary>Rows of one INSERT, as many as a batch of the worker has.</summary>
    public const int BatchSize = 1_000;

    /// <summary>Key of the stream that bare servers append to.</summary>
    public const string Key = "bare";

    private const string InsertSql =
        "INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)";

    /// <summary>XADD of the fields of a pour; entries a second.</summary>
    public static async Task<double> AppendAsync(Run run, int count)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(run.Servers.Redis.ConnectionString);
        var database = redis.GetDatabase();
        var watch = Stopwatch.StartNew();
        await Many.TimesAsync(
            count,
            InFlight,
            n => AppendAsync(database, 1 + (n % 64), """{"id":"0193d3a0-6d4c-7000-8000-000000000000","volume":473}""")
        );
        var rate = count / watch.Elapsed.TotalSeconds;
        await database.KeyDeleteAsync(Key);
        return rate;
    }

    /// <summary>XADD of the fields of one pour; its position.</summary>
    public static Task<RedisValue> AppendAsync(IDatabase redis, RedisValue tap, RedisValue body) =>
        redis.StreamAddAsync(
            Key,
            [new("id", Guid.CreateVersion7().ToString()), new("kind", "pour"), new("tap", tap), new("at", 1_780_000_000_000), new("body", body)]
        );

    /// <summary>Deletes what was appended.</summary>
    public static async Task ClearAsync(Run run)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(run.Servers.Redis.ConnectionString);
        await redis.GetDatabase().KeyDeleteAsync(Key);
    }

    /// <summary>INSERT of rows into <c>pours</c> with the indexes that it is shipped with; rows a second.</summary>
    /// <param name="run">The run.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="connections">Connections that each send one statement after the other.</param>
    public static async Task<double> InsertAsync(Run run, int count, int connections = 1)
    {
        await using var pours = await PourTable.CreateAsync(run);
        await using var source = NpgsqlDataSource.Create(pours.ConnectionString);
        // Whoever asks for the first connection of a pool waits for the names of all types.
        await using (await source.OpenConnectionAsync(run.Stopping)) { }
        int[] taps = [.. Enumerable.Range(0, BatchSize).Select(n => 1 + (n % 64))];
        var now = DateTimeOffset.UtcNow;
        var watch = Stopwatch.StartNew();
        await Many.TimesAsync(
            count / BatchSize,
            connections,
            _ => InsertAsync(source, Array.ConvertAll(taps, _ => Guid.CreateVersion7()), taps, now)
        );
        return count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>One INSERT of pours, a row for each.</summary>
    public static async Task InsertAsync(NpgsqlDataSource source, Guid[] ids, int[] taps, DateTimeOffset at)
    {
        await using var command = source.CreateCommand(InsertSql);
        command.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                new() { Value = ids },
                new() { Value = taps },
                new() { Value = Array.ConvertAll(ids, _ => 473m) },
                new() { Value = Array.ConvertAll(ids, _ => (short)2) },
                new() { Value = Array.ConvertAll(ids, _ => at) },
                new() { Value = Array.ConvertAll(ids, _ => at) },
            }
        );
        await command.ExecuteNonQueryAsync();
    }
}
