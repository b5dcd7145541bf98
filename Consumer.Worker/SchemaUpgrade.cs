using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Taproom.Store;

namespace Taproom.Consumer;

/// <summary>Brings the database to the newest schema version, once per process; healthy when that is done.</summary>
/// <remarks>Workers may start together: Entity Framework holds a lock on its history table while it migrates.</remarks>
internal sealed partial class SchemaUpgrade(IServiceScopeFactory scopes, ILogger<SchemaUpgrade> logger) : IHealthCheck
{
    // Many statements, one trace.
    private static readonly ActivitySource Source = new("Taproom.Consumer");

    private volatile bool _done;

    /// <summary>Applies the migrations that are missing; at once when that was done before.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (_done)
        {
            return;
        }

        using var activity = Source.StartActivity("upgrade schema");
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TaproomDb>().Database.MigrateAsync(cancellationToken);
        _done = true;
        LogUpToDate();
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_done ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The schema is not up to date yet."));

    [LoggerMessage(LogLevel.Information, "The schema is up to date.")]
    private partial void LogUpToDate();
}
