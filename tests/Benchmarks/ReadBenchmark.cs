using System.Diagnostics;
using Consumer.Worker;
using Ingest.Api.Beers;
using Ingest.Api.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Ingest;
using Taproom.Store;
using Testing;

namespace Benchmarks;

/// <summary>The API's reads with a million stored pours against the same reads with a thousand: flat means a ratio near one.</summary>
internal static class ReadBenchmark
{
    private const int Few = 1_000;
    private const int Many = 1_000_000;
    private const int Turns = 100;
    private const int PageSize = 50;

    // The best of them, because other work on the machine only ever slows a round down.
    private const int Rounds = 5;

    private static readonly (string Name, BeerFilter Filter, bool NewestFirst, long After)[] Lists =
    [
        ("first page", new(), false, 0),
        ("newest first", new(), true, 0),
        ("by type", new(Type: "stein"), false, 0),
        ("by tap", new(Tap: 7), false, 0),
        ("by tap, newest first", new(Tap: 7), true, 0),
        ("after a cursor", new(), false, Few - 100),
    ];

    public static async Task<IReadOnlyList<Result>> RunAsync(Servers servers)
    {
        var (few, many) = (await RatesAsync(servers, Few), await RatesAsync(servers, Many));
        return [.. few.Zip(many, (less, more) => new Result($"read {less.Name}: 1,000,000 / 1,000 pours", more.Rate, less.Rate))];
    }

    private static async Task<List<(string Name, double Rate)>> RatesAsync(Servers servers, int pours)
    {
        await using var host = await Host.CreateAsync(servers);
        await host.Services.GetRequiredService<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(2));
        // Few taps, so that the pours of one fill a page among the thousand too.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at)
            SELECT gen_random_uuid(), 1 + n % 10, 100 + n % 900, 1 + n % 3, now() - n * interval '1 second', now()
            FROM generate_series(1, {pours}) AS n
            """
        );
        // What the load has left to do would otherwise be done beside the first reads.
        await db.Database.ExecuteSqlAsync($"VACUUM ANALYZE pours");
        await db.Database.ExecuteSqlAsync($"CHECKPOINT");

        var queries = new BeerQueries(
            db,
            new Arrivals(host.Services.GetRequiredService<IngestStream>(), new StorePatience(TimeProvider.System), TimeProvider.System)
        );
        var id = await db.Pours.OrderByDescending(pour => pour.Seq).Select(pour => pour.Id).FirstAsync();
        var rates = new List<(string, double)> { ("by id", await RateAsync(() => queries.FindAsync(id, CancellationToken.None))) };
        foreach (var (name, filter, newestFirst, after) in Lists)
        {
            var page = (newestFirst ? queries.NewestFirst(filter, TimeCursor.Newest) : queries.InOrder(filter, after)).Take(PageSize + 1);
            rates.Add((name, await RateAsync(() => page.ToListAsync())));
        }

        return rates;
    }

    /// <summary>How often in a second something can be read, one after the other.</summary>
    public static async Task<double> RateAsync(Func<Task> read)
    {
        var best = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            for (var n = 0; n < Turns; n++)
            {
                await read();
            }

            best = Math.Max(best, Turns / watch.Elapsed.TotalSeconds);
        }

        return best;
    }
}
