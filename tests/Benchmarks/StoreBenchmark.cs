using System.Diagnostics;
using Consumer.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Taproom.Ingest;
using Testing;

namespace Benchmarks;

/// <summary>One worker from stream to acknowledged commit against a bare INSERT of 1,000 rows a statement into the same table.</summary>
internal static class StoreBenchmark
{
    private const int Count = 100_000;
    private const int BatchSize = 1_000;

    public static async Task<Result> RunAsync(Servers servers)
    {
        await using var host = await Host.CreateAsync(servers);
        var consumer = host.Services.GetServices<IHostedService>().OfType<StoreConsumer>().Single();
        var stream = host.Services.GetRequiredService<IngestStream>();
        await consumer.ConsumeBatchAsync(CancellationToken.None);
        await Host.RateAsync(Count, n => stream.AppendAsync(Host.Pour(n), CancellationToken.None));

        var watch = Stopwatch.StartNew();
        while (await consumer.ConsumeBatchAsync(CancellationToken.None) > 0) { }

        var rate = Count / watch.Elapsed.TotalSeconds;
        return new Result("store one worker / bare INSERT", rate, await BareInsertAsync(host));
    }

    private static async Task<double> BareInsertAsync(WebApplication host)
    {
        var connectionString = host.Services.GetRequiredService<IConfiguration>().GetConnectionString("taproomdb");
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var now = DateTimeOffset.UtcNow;
        var watch = Stopwatch.StartNew();
        for (var done = 0; done < Count; done += BatchSize)
        {
            await using var command = new NpgsqlCommand(
                "INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
                connection
            );
            command.Parameters.Add(new() { Value = Enumerable.Range(0, BatchSize).Select(_ => Guid.CreateVersion7()).ToArray() });
            command.Parameters.Add(new() { Value = Enumerable.Range(0, BatchSize).Select(n => 1 + (n % 50)).ToArray() });
            command.Parameters.Add(new() { Value = Enumerable.Repeat(473.25m, BatchSize).ToArray() });
            command.Parameters.Add(new() { Value = Enumerable.Repeat((short)2, BatchSize).ToArray() });
            command.Parameters.Add(new() { Value = Enumerable.Repeat(now, BatchSize).ToArray() });
            command.Parameters.Add(new() { Value = Enumerable.Repeat(now, BatchSize).ToArray() });
            await command.ExecuteNonQueryAsync();
        }

        return Count / watch.Elapsed.TotalSeconds;
    }
}
