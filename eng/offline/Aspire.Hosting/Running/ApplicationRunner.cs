using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Starts the resources in the order of their waits and stops them in the opposite one.</summary>
internal sealed partial class ApplicationRunner(
    DistributedApplicationModel model, IConfiguration configuration, DistributedApplicationOptions options, LaunchPlanner planner,
    ProcessWatchdog watchdog, HealthMonitor health, DashboardProcess dashboard, ResourceConsole console, ResourceNotificationService notifications,
    ResourceLoggerService loggers, IDistributedApplicationEventing eventing, IServiceProvider services, TimeProvider time,
    ILogger<ApplicationRunner> logger) : IHostedService, IAsyncDisposable
{
    /// <summary>Why a container does not start.</summary>
    public const string ContainersNeedTheRealPackages = "Containers need the real Aspire packages; this is their stand-in, which starts processes only.";

    private const int IdSuffixLength = 8;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _stoppingDashboard = new();
    private readonly Dictionary<string, ResourceInstance> _instances = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Task> _work = [];
    private bool _stopped;

    /// <summary>Gives out ports and sets the start of everything going.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw StandIn.NotSupported("every system but Linux");
        }
        if (!options.DisableDashboard)
        {
            dashboard.Validate();
        }
        watchdog.Start();
        CreateInstances();
        console.Attach(loggers);
        await PublishInitialAsync();
        EndpointAllocation.Allocate(model.Resources, configuration.GetValue("DcpPublisher:RandomizePorts", false));
        await PublishEndpointsAsync(cancellationToken);
        if (!options.DisableDashboard)
        {
            _work.Add(dashboard.RunAsync(_stoppingDashboard.Token));
        }
        _work.Add(health.RunAsync(_stopping.Token));
        foreach (var resource in model.Resources)
        {
            _work.Add(InitializeAsync(resource));
        }
        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken);
    }

    /// <summary>Stops everything; by force once cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }
        _stopped = true;
        await _stopping.CancelAsync();
        var remaining = _instances.Values.ToHashSet();
        while (remaining.Count > 0)
        {
            // What nobody left depends on goes first; a circle goes all at once.
            var next = remaining.Where(i => !remaining.Any(other => DependsOn(other.Resource, i.Resource))).ToList();
            next = next.Count > 0 ? next : [.. remaining];
            await Task.WhenAll(next.Select(i => i.StopAsync(cancellationToken)));
            remaining.ExceptWith(next);
        }
        // Last, since processes send the rest of their telemetry when they end, and wait long for a dashboard that is gone.
        await _stoppingDashboard.CancelAsync();
        foreach (var work in _work)
        {
            await work;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A start that failed is not followed by a stop.
        await StopAsync(new CancellationToken(canceled: true));
        await watchdog.DisposeAsync();
        _stopping.Dispose();
        _stoppingDashboard.Dispose();
    }

    /// <summary>Starts one copy by command.</summary>
    public async Task<ExecuteCommandResult> StartInstanceAsync(string id, CancellationToken cancellationToken)
    {
        await StartAsync(_instances[id].Resource, [_instances[id]], cancellationToken);
        return CommandResults.Success();
    }

    /// <summary>Stops one copy by command.</summary>
    public async Task<ExecuteCommandResult> StopInstanceAsync(string id, CancellationToken cancellationToken)
    {
        await _instances[id].StopAsync(cancellationToken);
        return CommandResults.Success();
    }

    private void CreateInstances()
    {
        foreach (var resource in model.Resources.Where(r => r is ProjectResource or ExecutableResource or ContainerResource))
        {
            string[] ids = [.. Enumerable.Range(0, resource.GetReplicaCount()).Select(_ => $"{resource.Name}-{RandomSuffix()}")];
            resource.Annotations.Add(new InstancesAnnotation(ids));
            ProcessCommands.AddTo(resource);
            for (var i = 0; i < ids.Length; i++)
            {
                _instances[ids[i]] = new ResourceInstance(resource, i, ids[i], planner, watchdog, notifications, loggers, eventing, services, time);
            }
        }
    }

    private static string RandomSuffix() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz", IdSuffixLength);

    private async Task PublishInitialAsync()
    {
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var resource in model.Resources)
        {
            await notifications.PublishUpdateAsync(resource, s => s with { CreationTimeStamp = now, State = s.State ?? KnownResourceStates.NotStarted });
        }
    }

    private async Task PublishEndpointsAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources.OfType<IResourceWithEndpoints>().Where(r => r is not ContainerResource))
        {
            var urls = await ResourceUrls.CollectAsync(resource, services, loggers.GetLogger(resource), cancellationToken);
            await notifications.PublishUpdateAsync(resource, s => s with { Urls = urls });
            await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken);
            if (resource is IResourceWithConnectionString)
            {
                await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken);
            }
        }
    }

    private async Task InitializeAsync(IResource resource)
    {
        try
        {
            await Task.Yield();
            await eventing.PublishAsync(new InitializeResourceEvent(resource, eventing, loggers, notifications, services), _stopping.Token);
            if (resource is ParameterResource parameter)
            {
                await ResolveAsync(parameter);
                return;
            }
            ResourceInstance[] instances = [.. _instances.Values.Where(i => i.Resource == resource)];
            if (instances.Length > 0 && !resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
            {
                await StartAsync(resource, instances, CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            LogNotStarted(resource.Name);
        }
        catch (Exception ex)
        {
            LogInitializeFailed(ex, resource.Name);
        }
    }

    private async Task StartAsync(IResource resource, ResourceInstance[] instances, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
        try
        {
            await eventing.PublishAsync(new BeforeResourceStartedEvent(resource, services), linked.Token);
        }
        catch (Exception ex) when (!linked.IsCancellationRequested)
        {
            await Task.WhenAll(instances.Select(i => i.FailAsync(ex)));
            return;
        }
        await Task.WhenAll(instances.Select(i => i.StartAsync(linked.Token)));
    }

    private async Task ResolveAsync(ParameterResource parameter)
    {
        try
        {
            await parameter.GetValueAsync(_stopping.Token);
            await notifications.PublishUpdateAsync(parameter, s => s with { State = KnownResourceStates.Running });
        }
        catch (MissingParameterValueException ex)
        {
            LogValueMissing(ex.Message);
            await notifications.PublishUpdateAsync(parameter, s => s with { State = KnownResourceStates.ValueMissing });
        }
    }

    private static bool DependsOn(IResource resource, IResource dependency)
    {
        var seen = new HashSet<IResource>();
        var open = new Stack<IResource>([resource]);
        while (open.TryPop(out var current))
        {
            foreach (var next in current.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource)
                .Concat(current.Annotations.OfType<ResourceRelationshipAnnotation>().Where(r => r.Type is "Reference" or "WaitFor").Select(r => r.Resource)))
            {
                if (next == dependency && next != resource)
                {
                    return true;
                }
                if (seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }
        return false;
    }

    [LoggerMessage(LogLevel.Debug, "Resource '{Resource}' was not started, the application stops.")]
    private partial void LogNotStarted(string resource);

    [LoggerMessage(LogLevel.Error, "Resource '{Resource}' could not be initialized.")]
    private partial void LogInitializeFailed(Exception exception, string resource);

    [LoggerMessage(LogLevel.Warning, "{Reason}")]
    private partial void LogValueMissing(string reason);
}
