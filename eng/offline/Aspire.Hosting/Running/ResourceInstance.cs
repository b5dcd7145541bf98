using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>One copy of a resource: its process, its state, and the commands on it one at a time.</summary>
internal sealed partial class ResourceInstance(
    IResource resource, int replica, string id, LaunchPlanner planner, ProcessWatchdog watchdog, ResourceNotificationService notifications,
    ResourceLoggerService loggers, IDistributedApplicationEventing eventing, IServiceProvider services, TimeProvider time)
{
    /// <summary>How long a process has between being asked and being forced to end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ILogger _logger = loggers.GetLogger(id);
    private ResourceProcess? _process;
    private Task _watch = Task.CompletedTask;

    public IResource Resource => resource;

    /// <summary>Starts the process, unless it runs. A failure is the resource's state, and in its output.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_process is { Exited.IsCompleted: false })
            {
                return;
            }
            await EndAsync(cancellationToken);
            await StartProcessAsync(cancellationToken);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            await FailAsync(ex);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the process and everything it started; by force at once when cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            if (_process is { Exited.IsCompleted: false })
            {
                await notifications.PublishUpdateAsync(resource, id, s => s with { State = KnownResourceStates.Stopping });
            }
            await EndAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Says that the copy cannot be started.</summary>
    public Task FailAsync(Exception exception)
    {
        LogStartFailed(_logger, exception.Message);
        return notifications.PublishUpdateAsync(resource, id, s => s with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
        });
    }

    private async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        if (resource is ContainerResource)
        {
            throw new DistributedApplicationException(ApplicationRunner.ContainersNeedTheRealPackages);
        }
        var now = time.GetUtcNow().UtcDateTime;
        await notifications.PublishUpdateAsync(resource, id, s => s with
        {
            State = KnownResourceStates.Starting, StartTimeStamp = now, StopTimeStamp = null, ExitCode = null, ReadyHandlers = null,
        });
        var plan = await planner.PlanAsync(resource, _logger, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var process = ResourceProcess.Start(plan.For(replica, id), watchdog, time, (line, isError) => loggers.Write(id, line, isError));
        _process = process;
        await notifications.PublishUpdateAsync(resource, id, s => s with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.Running, KnownResourceStateStyles.Success),
            Properties = [.. s.Properties.Where(p => p.Name != "executable.pid"), new ResourcePropertySnapshot("executable.pid", process.Id)],
        });
        _watch = WatchAsync(process);
    }

    private async Task WatchAsync(ResourceProcess process)
    {
        var exitCode = await process.Exited;
        await process.DrainAsync();
        var now = time.GetUtcNow().UtcDateTime;
        await notifications.PublishUpdateAsync(resource, id, s => s with { State = KnownResourceStates.Finished, ExitCode = exitCode, StopTimeStamp = now });
        if (notifications.TryGetCurrentState(id, out var current))
        {
            await eventing.PublishAsync(new ResourceStoppedEvent(resource, services, current));
        }
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_process is null)
        {
            return;
        }
        await _process.StopAsync(Grace, cancellationToken);
        _process = null;
        try
        {
            await _watch;
        }
        catch (Exception ex)
        {
            LogStoppedHandlerFailed(_logger, ex);
        }
    }

    [LoggerMessage(LogLevel.Error, "Failed to start: {Reason}")]
    private static partial void LogStartFailed(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "A handler for the resource having ended failed.")]
    private static partial void LogStoppedHandlerFailed(ILogger logger, Exception exception);
}
