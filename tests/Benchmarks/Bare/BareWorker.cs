using System.Globalization;
using Npgsql;
using StackExchange.Redis;

namespace Benchmarks.Bare;

/// <summary>Where a bare worker reads and writes.</summary>
/// <param name="Redis">Connection string of the Redis to which bare servers append.</param>
/// <param name="Postgres">Connection string of the database with the table <c>pours</c>.</param>
internal sealed record BareWorkerOptions(string Redis, string Postgres);

/// <summary>
/// Brings what bare servers append into rows, and does nothing else: no pour is counted once, no batch is given out again, nothing is added up, nobody
/// is told. The next batch is read while two before it are inserted.
/// </summary>
internal static class BareWorker
{
    // Statements of INSERT on their way, one for each of two cores.
    private const int AtOnce = 2;

    // As far apart are batches of the worker that are not full.
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(50);

    public static async Task RunAsync(BareWorkerOptions options)
    {
        var redis = (await ConnectionMultiplexer.ConnectAsync(options.Redis)).GetDatabase();
        await using var postgres = NpgsqlDataSource.Create(options.Postgres);
        Child.Tell(new BareServerStarted());
        var (last, storing) = (StreamPosition.Beginning, new Queue<Task>());
        while (true)
        {
            var entries = await redis.StreamReadAsync(BareStores.Key, last, BareStores.BatchSize);
            if (entries.Length > 0)
            {
                last = entries[^1].Id;
                if (storing.Count == AtOnce)
                {
                    await storing.Dequeue();
                }

                storing.Enqueue(StoreAsync(redis, postgres, entries));
            }

            if (entries.Length < BareStores.BatchSize)
            {
                await Task.Delay(Apart);
            }
        }
    }

    private static async Task StoreAsync(IDatabase redis, NpgsqlDataSource postgres, StreamEntry[] entries)
    {
        var ids = Array.ConvertAll(entries, entry => Guid.Parse((string)entry["id"]!));
        var taps = Array.ConvertAll(entries, entry => int.Parse(((string)entry["tap"]!).Split('/')[1], CultureInfo.InvariantCulture));
        await BareStores.InsertAsync(postgres, ids, taps, DateTimeOffset.UtcNow);
        await redis.StreamTrimByMinIdAsync(BareStores.Key, entries[^1].Id, useApproximateMaxLength: true);
    }
}
