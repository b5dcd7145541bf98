using Consumer.Worker.Alerts;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Taproom.Ingest;

namespace Consumer.Worker;

/// <summary>Degraded while accepted entries wait for too long, or too many are set aside: nothing is lost then, and somebody should look.</summary>
internal sealed class LineHealth(IngestLine line, DeadLetters letters, IOptions<AlertOptions> options) : IHealthCheck
{
    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var oldest = (await line.ReadAsync()).Partitions.Max(partition => partition.OldestAge);
        if (oldest > options.Value.LineAge)
        {
            return HealthCheckResult.Degraded($"The oldest accepted entry has waited to be stored for {(long)oldest.Value.TotalSeconds} s.");
        }

        var dead = await letters.CountAsync();
        return dead > options.Value.AllDeadLetters
            ? HealthCheckResult.Degraded($"{dead} dead letters are there: see GET /api/dead-letters.")
            : HealthCheckResult.Healthy();
    }
}
