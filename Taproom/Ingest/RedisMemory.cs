using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>
/// Watches the memory of Redis: refuses a Redis that would evict what was accepted, at the start of a service and by its health, and is
/// degraded while Redis has no room left.
/// </summary>
public sealed class RedisMemory(IConnectionMultiplexer redis) : IHealthCheck, IHostedService
{
    // The rest is for what the workers need to store what waits.
    private const double FullShare = 0.9;

    /// <summary>Reads how full Redis is.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<(bool IsFull, string? Fault)> ReadAsync()
    {
        var info = (string?)await redis.GetDatabase().ExecuteAsync("INFO", "memory");
        var fields = (info ?? "")
            .Split("\r\n")
            .Select(line => line.Split(':'))
            .Where(field => field.Length == 2)
            .ToDictionary(field => field[0], field => field[1]);
        var policy = fields.GetValueOrDefault("maxmemory_policy", "noeviction");
        var fault =
            policy == "noeviction"
                ? null
                : $"Redis has maxmemory-policy {policy}: when its memory is full it would throw away pours that were accepted. Set maxmemory-policy to noeviction.";
        var (used, max) = (Number("used_memory"), Number("maxmemory"));
        return (max > 0 && used > max * FullShare, fault);

        double Number(string name) => double.TryParse(fields.GetValueOrDefault(name), out var number) ? number : 0;
    }

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await ReadAsync().WaitAsync(Deadlines.Lookup, cancellationToken) switch
        {
            (_, { } fault) => HealthCheckResult.Unhealthy(fault),
            (true, _) => HealthCheckResult.Degraded("The memory of Redis is nearly full: nothing new is accepted until the workers have caught up."),
            _ => HealthCheckResult.Healthy(),
        };

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if ((await ReadAsync().WaitAsync(Deadlines.Answer, cancellationToken)).Fault is { } fault)
            {
                throw new InvalidOperationException(fault);
            }
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // A service may start before Redis does; the health check asks again.
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
