using Benchmarks;
using Testing;

// Real servers on free ports of loopback; bounded in count, and over in about a minute; "connections" takes three.
var servers = new Servers();
await servers.InitializeAsync();
try
{
    if (args is ["connections", ..])
    {
        await ConnectionsBenchmark.RunAsync(servers);
        return;
    }

    Console.WriteLine($"{"what", -56} {"per second", 12} {"ceiling", 12} {"ratio", 7}");
    foreach (
        var result in (Result[])
            [
                await AppendBenchmark.RunAsync(servers),
                await StoreBenchmark.RunAsync(servers),
                await EventsBenchmark.RunAsync(servers),
                .. await ReadBenchmark.RunAsync(servers),
            ]
    )
    {
        Console.WriteLine($"{result.What, -56} {result.Rate, 12:N0} {result.Ceiling, 12:N0} {result.Rate / result.Ceiling, 7:P0}");
    }
}
finally
{
    await servers.DisposeAsync();
}

namespace Benchmarks
{
    /// <summary>A rate beside the rate that the bare server reaches with the same data in the same run.</summary>
    /// <param name="What">What was done.</param>
    /// <param name="Rate">Times per second.</param>
    /// <param name="Ceiling">Times per second without Taproom's own part.</param>
    internal sealed record Result(string What, double Rate, double Ceiling);
}
