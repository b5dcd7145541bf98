using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Taproom.Store;

/// <summary>Unhealthy while Postgres takes no writes, as after a failover to a replica.</summary>
internal sealed class WritableDatabase(TaproomDb db) : IHealthCheck
{
    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var isReadOnly = await db
            .Database.SqlQueryRaw<string>("SELECT current_setting('transaction_read_only') AS \"Value\"")
            .ToListAsync(cancellationToken);
        return isReadOnly is ["on"] ? HealthCheckResult.Unhealthy("Postgres takes no writes.") : HealthCheckResult.Healthy();
    }
}
