using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Runs the health checks of every running resource, and says when a resource is ready.</summary>
internal sealed partial class HealthMonitor(
    ResourceNotificationService notifications, HealthCheckService checks, IDistributedApplicationEventing eventing,
    IServiceProvider services, TimeProvider time, ILogger<HealthMonitor> logger)
{
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(30);
    private readonly Dictionary<IResource, Watched> _watched = [];

    /// <summary>Follows the resources until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(cancellationToken))
            {
                var running = change.Resource.InstanceIds().Any(id => StateOf(id)?.State?.Text == KnownResourceStates.Running);
                if (running && !_watched.ContainsKey(change.Resource))
                {
                    var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    var again = new SemaphoreSlim(0, 1);
                    _watched[change.Resource] = new Watched(stop, again, FollowAsync(change.Resource, again, stop.Token));
                }
                else if (running && HasJustStarted(change.Snapshot) && _watched[change.Resource].Again is { CurrentCount: 0 } again)
                {
                    // A restart can be over before its stop is seen here.
                    again.Release();
                }
                else if (!running && _watched.Remove(change.Resource, out var ended))
                {
                    await EndAsync(ended);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped();
        }
        finally
        {
            foreach (var watched in _watched.Values)
            {
                await EndAsync(watched);
            }
            _watched.Clear();
        }
    }

    private static async Task EndAsync(Watched watched)
    {
        await watched.Stop.CancelAsync();
        await watched.Follow;
        watched.Stop.Dispose();
        watched.Again.Dispose();
    }

    private static bool HasJustStarted(CustomResourceSnapshot snapshot) =>
        snapshot is { State.Text: var state, ReadyHandlers: null } && state == KnownResourceStates.Running && snapshot.HealthReports.All(r => r.Status is null);

    private async Task FollowAsync(IResource resource, SemaphoreSlim again, CancellationToken cancellationToken)
    {
        // The change is published under a lock; the checks must not run there.
        await Task.Yield();
        HashSet<string> keys = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => c.Key)];
        try
        {
            while (true)
            {
                var healthy = keys.Count == 0 || await CheckAsync(resource, keys, cancellationToken);
                if (healthy)
                {
                    await PublishReadyAsync(resource, cancellationToken);
                }
                await again.WaitAsync(healthy ? WhileHealthy : WhileUnhealthy, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    private async Task<bool> CheckAsync(IResource resource, HashSet<string> keys, CancellationToken cancellationToken)
    {
        HealthReport report;
        try
        {
            report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            LogCheckFailed(ex, resource.Name);
            return false;
        }
        var now = time.GetUtcNow().UtcDateTime;
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot.State?.Text != KnownResourceStates.Running ? snapshot : snapshot with
        {
            // A check nobody registered never becomes healthy, and its report says so.
            HealthReports = [.. keys.Select(key => report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description, entry.Exception?.ToString()) { LastRunAt = now }
                : new HealthReportSnapshot(key, HealthStatus.Unhealthy, "No health check of this name is registered.", null) { LastRunAt = now })],
        });
        return keys.All(key => report.Entries.TryGetValue(key, out var entry) && entry.Status == HealthStatus.Healthy);
    }

    private async Task PublishReadyAsync(IResource resource, CancellationToken cancellationToken)
    {
        foreach (var id in resource.InstanceIds())
        {
            if (StateOf(id) is { ReadyHandlers: null } snapshot && snapshot.State?.Text == KnownResourceStates.Running)
            {
                // Handlers run once, with the first copy that is ready.
                var handlers = resource.InstanceIds().Any(other => StateOf(other)?.ReadyHandlers is not null)
                    ? Task.CompletedTask
                    : eventing.PublishAsync(new ResourceReadyEvent(resource, services), cancellationToken);
                await notifications.PublishUpdateAsync(resource, id, s => s with { ReadyHandlers = handlers });
                await ObserveAsync(resource, handlers, cancellationToken);
            }
        }
    }

    private CustomResourceSnapshot? StateOf(string id) => notifications.TryGetCurrentState(id, out var current) ? current.Snapshot : null;

    // What waits for the resource sees the failure too, through the snapshot.
    private async Task ObserveAsync(IResource resource, Task handlers, CancellationToken cancellationToken)
    {
        try
        {
            await handlers;
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            LogReadyFailed(ex, resource.Name);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Health checks stopped.")]
    private partial void LogStopped();

    [LoggerMessage(LogLevel.Error, "The health checks of resource '{Resource}' failed.")]
    private partial void LogCheckFailed(Exception exception, string resource);

    [LoggerMessage(LogLevel.Error, "A handler for resource '{Resource}' being ready failed.")]
    private partial void LogReadyFailed(Exception exception, string resource);

    private sealed record Watched(CancellationTokenSource Stop, SemaphoreSlim Again, Task Follow);
}
