using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults;

/// <summary>Asks all health checks, with an end to the waiting.</summary>
public static class Readiness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Whether every check passes; one that has no answer within 1.5 s does not, as a server that hangs is no healthier than one that refuses.</summary>
    /// <param name="checks">The checks of this service.</param>
    /// <param name="time">Measures the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<bool> IsReadyAsync(this HealthCheckService checks, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // Not every check gives up when it is told to.
            var report = await checks.CheckHealthAsync(either.Token).WaitAsync(either.Token);
            return report.Status is HealthStatus.Healthy;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return false;
        }
    }
}
