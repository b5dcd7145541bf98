using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Taproom.Store;

/// <summary>Unhealthy until a worker has brought the database to the schema that this service was built for.</summary>
internal sealed class CurrentSchema(IServiceScopeFactory scopes) : IHealthCheck
{
    // A schema is never taken back.
    private volatile bool _isCurrent;

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!_isCurrent)
        {
            await using var scope = scopes.CreateAsyncScope();
            var missing = await scope.ServiceProvider.GetRequiredService<TaproomDb>().Database.GetPendingMigrationsAsync(cancellationToken);
            _isCurrent = !missing.Any();
        }

        return _isCurrent ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The schema is not up to date yet: a worker upgrades it.");
    }
}
