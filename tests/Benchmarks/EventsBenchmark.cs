using Consumer.Worker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Taproom.Store;
using Testing;

namespace Benchmarks;

/// <summary>The first page of 10,000 events over HTTP, in the time of one request after the other, against its bare SQL.</summary>
internal static class EventsBenchmark
{
    private const int Events = 10_000;

    public static async Task<Result> RunAsync(Servers servers)
    {
        await using var host = await Host.CreateAsync(servers);
        await host.Services.GetRequiredService<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope
                .ServiceProvider.GetRequiredService<TaproomDb>()
                .Database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO events (id, created_at, component, environment, email, message, data)
                    SELECT gen_random_uuid(), now() - n * interval '1 second', 'line ' || n % 50, 'production', 'ann@bar.example', 'Line cleaned', '12'
                    FROM generate_series(1, {Events}) AS n
                    """
                );
        }

        var address = $"http://127.0.0.1:{LocalServer.FreePort()}";
        await using var api = ServiceProcess.Start(
            "Ingest.Api",
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:redis"] = host.Configuration["ConnectionStrings:redis"],
                ["ConnectionStrings:taproomdb"] = host.Configuration["ConnectionStrings:taproomdb"],
                ["Ingest:Prefix"] = host.Configuration["Ingest:Prefix"],
                ["ASPNETCORE_URLS"] = address,
            }
        );
        await ServiceProcess.HealthyAsync(address);
        using var http = new HttpClient();
        var rate = await ReadBenchmark.RateAsync(() => http.GetByteArrayAsync($"{address}/api/events"));
        return new Result($"first page of 10,000 events, {1_000 / rate:0.0} ms / bare SQL", rate, await BareAsync(host.Configuration));
    }

    private static async Task<double> BareAsync(IConfiguration configuration)
    {
        await using var connection = new NpgsqlConnection(configuration.GetConnectionString("taproomdb"));
        await connection.OpenAsync();
        return await ReadBenchmark.RateAsync(async () =>
        {
            await using var command = new NpgsqlCommand(
                "SELECT id, created_at, component, environment, email, message, data FROM events ORDER BY created_at DESC, seq DESC LIMIT 51",
                connection
            );
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                reader.GetString(6);
            }
        });
    }
}
