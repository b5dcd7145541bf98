using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class MemoryTests(Servers servers)
{
    [Fact]
    public async Task Without_room_in_Redis_the_good_entries_are_stored_and_the_bad_one_is_set_aside()
    {
        await using var redis = new OwnRedis();
        await redis.Server.InitializeAsync();
        await using var worker = await Worker.CreateAsync(servers, ("ConnectionStrings:redis", redis.Server.ConnectionString));
        await worker.TurnAsync();
        await worker.AppendAsync("""{"volume":5}""");
        for (var n = 0; n < 100; n++)
        {
            await worker.AppendAsync("""{"volume":500}""");
        }

        await worker.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1mb");
        await worker.TurnAsync();

        Assert.Equal(100, (await worker.PoursAsync()).Count);
        Assert.Equal(0, await worker.PendingAsync());
        Assert.Single(await worker.DeadLettersAsync());
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(worker));
        // Until it is asked about its room again, Redis itself refuses.
        await Eventually.TrueAsync(
            async () => await Record.ExceptionAsync(() => worker.AppendAsync("""{"volume":500}""")) is StreamFullException,
            "the stream is full"
        );

        await worker.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(worker));
    }

    [Fact]
    public async Task A_Redis_that_would_throw_away_what_was_accepted_is_refused_at_the_start_and_by_health()
    {
        await using var redis = new OwnRedis();
        await redis.Server.InitializeAsync();
        await using var worker = await Worker.CreateAsync(servers, ("ConnectionStrings:redis", redis.Server.ConnectionString));
        await worker.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");

        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(worker));
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(worker.StartAsync);
        Assert.Contains("Set maxmemory-policy to noeviction.", fault.Message);
    }

    private static async Task<HealthStatus> HealthAsync(Worker worker) =>
        (await worker.Get<HealthCheckService>().CheckHealthAsync(check => check.Name == "redis memory")).Status;

    private sealed class OwnRedis : IAsyncDisposable
    {
        public RedisServer Server { get; } = new();

        public async ValueTask DisposeAsync() => await Server.DisposeAsync();
    }
}
