using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Taproom.Ingest;
using Testing;

namespace Benchmarks;

/// <summary>A front door's append against a bare XADD of the same fields, Redis syncing each write to disk.</summary>
internal static class AppendBenchmark
{
    private const int Count = 200_000;

    public static async Task<Result> RunAsync(Servers servers)
    {
        await using var host = await Host.CreateAsync(servers);
        var stream = host.Services.GetRequiredService<IngestStream>();
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var (rate, ceiling) = (0.0, 0.0);
        // In turns and the best of each, because a shared machine is not the same one second later.
        for (var round = 0; round < 3; round++)
        {
            ceiling = Math.Max(
                ceiling,
                await Host.RateAsync(
                    Count,
                    _ =>
                        database.StreamAddAsync(
                            "bare",
                            [
                                new("id", Guid.CreateVersion7().ToString()),
                                new("kind", "pour"),
                                new("tap", "7"),
                                new("at", 1_780_000_000_000),
                                new("body", """{"volume":473.25,"pouredAt":"2026-05-01T20:15:30Z"}"""),
                            ]
                        )
                )
            );
            rate = Math.Max(rate, await Host.RateAsync(Count, n => stream.AppendAsync(Host.Pour(n), CancellationToken.None)));
        }

        return new Result("append to the stream / bare XADD", rate, ceiling);
    }
}
