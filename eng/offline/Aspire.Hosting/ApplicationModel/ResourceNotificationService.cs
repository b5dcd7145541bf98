using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the state of every resource, tells of changes and waits for them.</summary>
public partial class ResourceNotificationService : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Current> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly CancellationTokenSource _disposing = new();
    private readonly ILogger<ResourceNotificationService> _logger;
    private readonly ResourceLoggerService _loggers;
    private readonly WaitBehavior _defaultWaitBehavior;

    /// <summary>Created by the application.</summary>
    public ResourceNotificationService(
        ILogger<ResourceNotificationService> logger, IHostApplicationLifetime hostApplicationLifetime,
        IServiceProvider serviceProvider, ResourceLoggerService resourceLoggerService)
    {
        ArgumentNullException.ThrowIfNull(hostApplicationLifetime);
        _logger = logger;
        _loggers = resourceLoggerService;
        _defaultWaitBehavior = serviceProvider.GetService<IOptions<ResourceNotificationServiceOptions>>()?.Value.DefaultWaitBehavior
            ?? WaitBehavior.StopOnResourceUnavailable;
    }

    /// <summary>Waits until a resource is in a state; running when none is named.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [string.IsNullOrEmpty(targetState) ? KnownResourceStates.Running : targetState], cancellationToken);

    /// <summary>Waits until a resource is in one of these states, and says which.</summary>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        string[] states = [.. targetStates];
        var found = await WaitForResourceAsync(
            resourceName, e => e.Snapshot.State?.Text is { } state && states.Contains(state, StringComparer.OrdinalIgnoreCase), cancellationToken);
        return found.Snapshot.State!.Text;
    }

    /// <summary>Waits until a copy of a resource satisfies a condition.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the application ended.</exception>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_disposing.Token, cancellationToken);
        await foreach (var resourceEvent in WatchAsync(linked.Token))
        {
            if (string.Equals(resourceEvent.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(resourceEvent))
            {
                return resourceEvent;
            }
        }
        throw new OperationCanceledException($"The wait for resource '{resourceName}' was cancelled.");
    }

    /// <summary>Waits until a resource runs and is healthy, with the application's default for failures.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, _defaultWaitBehavior, cancellationToken);

    /// <summary>Waits until a resource runs and is healthy and its ready handlers are done.</summary>
    /// <exception cref="DistributedApplicationException">The resource failed, and that ends the wait.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var found = await WaitForResourceAsync(
            resourceName, e => IsReady(e.Snapshot) || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && HasFailed(e.Snapshot)), cancellationToken);
        ThrowIfFailed(found.Snapshot, resourceName);
        await found.Snapshot.ReadyHandlers!.WaitAsync(cancellationToken);
        return found;
    }

    /// <summary>Waits for everything a resource waits for. The resource's state is then <c>Waiting</c>.</summary>
    /// <exception cref="DistributedApplicationException">A dependency failed.</exception>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource.TryGetAnnotationsOfType<WaitAnnotation>(out var waits))
        {
            await PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Waiting });
            await Task.WhenAll(waits.Select(w => WaitForAsync(resource, w, cancellationToken)));
        }
    }

    /// <summary>The states now, then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (_gate)
        {
            foreach (var current in _current.Values)
            {
                channel.Writer.TryWrite(current.Event);
            }
            _watchers.Add(channel);
        }
        try
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(_disposing.Token, cancellationToken);
            await foreach (var resourceEvent in channel.Reader.ReadAllAsync(linked.Token))
            {
                yield return resourceEvent;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel);
            }
        }
    }

    /// <summary>The state now, by the id of a copy, or by the name of a resource with one copy.</summary>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
        {
            if (_current.TryGetValue(resourceId, out var current))
            {
                resourceEvent = current.Event;
                return true;
            }
            Current[] named = [.. _current.Values.Where(c => string.Equals(c.Event.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase))];
            resourceEvent = named.Length == 1 ? named[0].Event : null;
            return resourceEvent is not null;
        }
    }

    /// <summary>Changes the state of all copies of a resource.</summary>
    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var id in resource.InstanceIds())
        {
            await PublishUpdateAsync(resource, id, stateFactory);
        }
    }

    /// <summary>Changes the state of one copy of a resource.</summary>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            var previous = _current.TryGetValue(resourceId, out var current) ? current.Event.Snapshot : InitialSnapshot(resource);
            var next = stateFactory(previous);
            if (next.State?.Text == KnownResourceStates.Running && previous.State?.Text != KnownResourceStates.Running)
            {
                next = StartHealth(resource, next);
            }
            var resourceEvent = new ResourceEvent(resource, resourceId, next);
            _current[resourceId] = new Current(resourceEvent);
            LogChange(resourceId, previous, next);
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(resourceEvent);
            }
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposing.IsCancellationRequested)
        {
            _disposing.Cancel();
        }
        GC.SuppressFinalize(this);
    }

    internal static bool HasFailed(CustomResourceSnapshot snapshot) => snapshot.State?.Text is { } state
        && (KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.RuntimeUnhealthy);

    private static bool IsReady(CustomResourceSnapshot snapshot) =>
        snapshot is { HealthStatus: HealthStatus.Healthy, ReadyHandlers: not null };

    private static CustomResourceSnapshot InitialSnapshot(IResource resource) =>
        resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var annotation)
            ? annotation.InitialSnapshot
            : new CustomResourceSnapshot { ResourceType = resource.GetType().Name, Properties = [] };

    // A run begins with checks that have no result yet, so nobody takes the last run's health for this one's.
    private static CustomResourceSnapshot StartHealth(IResource resource, CustomResourceSnapshot snapshot) => snapshot with
    {
        ReadyHandlers = null,
        HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => c.Key).Distinct()
            .Select(key => new HealthReportSnapshot(key, null, null, null))],
    };

    private async Task WaitForAsync(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var logger = _loggers.GetLogger(resource);
        var name = wait.Resource.Name;
        var stopOnFailure = (wait.WaitBehavior ?? _defaultWaitBehavior) == WaitBehavior.StopOnResourceUnavailable;
        foreach (var id in wait.Resource.InstanceIds())
        {
            LogWaiting(logger, name, wait.WaitType);
            var found = await WaitForResourceAsync(
                name, e => e.ResourceId == id && (IsReached(wait.WaitType, e.Snapshot) || (stopOnFailure && HasFailed(e.Snapshot))), cancellationToken);
            if (wait.WaitType == WaitType.WaitForCompletion)
            {
                ThrowIfNotCompleted(found.Snapshot, name, wait.ExitCode);
            }
            else
            {
                ThrowIfFailed(found.Snapshot, name);
            }
            if (wait.WaitType == WaitType.WaitUntilHealthy)
            {
                await found.Snapshot.ReadyHandlers!.WaitAsync(cancellationToken);
            }
            LogWaited(logger, name);
        }
    }

    private static bool IsReached(WaitType type, CustomResourceSnapshot snapshot) => type switch
    {
        WaitType.WaitForCompletion => snapshot.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state),
        WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
        _ => IsReady(snapshot),
    };

    private static void ThrowIfFailed(CustomResourceSnapshot snapshot, string name)
    {
        if (snapshot.State?.Text == KnownResourceStates.FailedToStart)
        {
            throw new DistributedApplicationException($"Dependency resource '{name}' failed to start.");
        }
        if (HasFailed(snapshot))
        {
            throw new DistributedApplicationException($"Resource '{name}' has entered the '{snapshot.State!.Text}' state prematurely.");
        }
    }

    private static void ThrowIfNotCompleted(CustomResourceSnapshot snapshot, string name, int exitCode)
    {
        if (snapshot.State?.Text == KnownResourceStates.FailedToStart)
        {
            throw new DistributedApplicationException($"Dependency resource '{name}' failed to start.");
        }
        if (snapshot.ExitCode is { } actual && actual != exitCode)
        {
            throw new DistributedApplicationException(
                $"Resource '{name}' has entered the '{snapshot.State!.Text}' state with exit code '{actual}', expected '{exitCode}'.");
        }
    }

    private void LogChange(string id, CustomResourceSnapshot previous, CustomResourceSnapshot next)
    {
        if (next.State is { } state && state.Text != previous.State?.Text && (next.StartTimeStamp is not null || HasFailed(next)))
        {
            var urls = state.Text == KnownResourceStates.Running ? string.Join(' ', next.Urls.Select(u => u.Url)) : "";
            var exit = KnownResourceStates.TerminalStates.Contains(state.Text) && next.ExitCode is { } code ? $" (exit code {code})" : "";
            LogState(id, state.Text, urls.Length > 0 ? $" {urls}" : exit);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Resource}: {State}{Detail}")]
    private partial void LogState(string resource, string state, string detail);

    [LoggerMessage(LogLevel.Information, "Waiting for resource '{Dependency}' ({WaitType}).")]
    private static partial void LogWaiting(ILogger logger, string dependency, WaitType waitType);

    [LoggerMessage(LogLevel.Information, "Finished waiting for resource '{Dependency}'.")]
    private static partial void LogWaited(ILogger logger, string dependency);

    private sealed record Current(ResourceEvent Event);
}
