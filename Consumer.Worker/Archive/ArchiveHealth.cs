using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Consumer.Worker.Archive;

/// <summary>Degraded while the archive cannot be written or uploaded: what is accepted is held until it can, and stored all the same.</summary>
internal sealed class ArchiveHealth : IHealthCheck
{
    private readonly ConcurrentDictionary<string, string> _faults = [];

    /// <summary>Something works, or does not.</summary>
    /// <param name="what">What.</param>
    /// <param name="fault">Why it does not, as a sentence; null when it does.</param>
    public void Set(string what, string? fault)
    {
        if (fault is null)
        {
            _faults.TryRemove(what, out _);
        }
        else
        {
            _faults[what] = fault;
        }
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_faults.Values.FirstOrDefault() is { } fault ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy());
}
