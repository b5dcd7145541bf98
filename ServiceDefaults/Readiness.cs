using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults;

/// <summary>Asks all health checks, with an end to the waiting.</summary>
public static class Readiness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>The worst that a check says; one that has no answer within 1.5 s is unhealthy, as a server that hangs is no healthier than one that refuses.</summary>
    /// <param name="checks">The checks of this service.</param>
    /// <param name="time">Measures the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<HealthStatus> ReadinessAsync(this HealthCheckService checks, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // Not every check gives up when it is told to.
            return (await checks.CheckHealthAsync(either.Token).WaitAsync(either.Token)).Status;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return HealthStatus.Unhealthy;
        }
    }
}
