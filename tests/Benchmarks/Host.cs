using System.Diagnostics;
using Consumer.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Taproom;
using Taproom.Ingest;
using Testing;

namespace Benchmarks;

/// <summary>Taproom's parts as the services wire them, and a stop watch.</summary>
internal static class Host
{
    public static async Task<WebApplication> CreateAsync(Servers servers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(await servers.SettingsAsync());
        builder.AddIngestStream();
        builder.AddPourStore();
        builder.AddStoreConsumer();
        return builder.Build();
    }

    public static IngestEntry Pour(int n) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Kind = EntryKinds.Pour,
            Tap = $"{1 + (n % 50)}",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = """{"volume":473.25,"pouredAt":"2026-05-01T20:15:30Z"}"""u8.ToArray(),
        };

    /// <summary>Runs <paramref name="action"/> <paramref name="count"/> times with at most 256 at once.</summary>
    /// <returns>Times per second.</returns>
    public static async Task<double> RateAsync(int count, Func<int, Task> action)
    {
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, 256)
                .Select(async _ =>
                {
                    for (var n = Interlocked.Increment(ref next); n < count; n = Interlocked.Increment(ref next))
                    {
                        await action(n);
                    }
                })
        );
        return count / watch.Elapsed.TotalSeconds;
    }
}
