using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AppHost;

/// <summary>
/// Starts a store again that was killed while it ran. An engine does that itself with one that crashed, but not with one that somebody
/// killed (<c>docker kill</c>), and nothing does it with a program. One that ends without an error was told to, and stays stopped.
/// </summary>
internal sealed class StoreWatch(ResourceNotificationService notifications, ResourceCommandService commands) : BackgroundService
{
    // One that never became healthy fails for a reason, and would do so for ever.
    private readonly HashSet<string> _healthy = [];

    /// <summary>How long an engine may take to start it again itself.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Starts a store again if it was killed.</summary>
    /// <param name="change">What has become of a resource.</param>
    /// <param name="cancellationToken">Ends the wait for the engine.</param>
    internal async Task SeeAsync(ResourceEvent change, CancellationToken cancellationToken)
    {
        var name = change.Resource.Name;
        if (!LocalServers.Names.Contains(name))
        {
            return;
        }

        if (change.Snapshot.HealthStatus == HealthStatus.Healthy)
        {
            _healthy.Add(name);
        }

        if (!WasKilled(change.Snapshot) || !_healthy.Contains(name))
        {
            return;
        }

        await Task.Delay(Pause, cancellationToken);
        if (notifications.TryGetCurrentState(change.ResourceId, out var now) && WasKilled(now.Snapshot))
        {
            _healthy.Remove(name);
            Console.WriteLine($"{name} was killed, with exit code {now.Snapshot.ExitCode}, and is started again.");
            var started = await commands.ExecuteCommandAsync(change.ResourceId, KnownResourceCommands.StartCommand, cancellationToken);
            if (!started.Success)
            {
                Console.WriteLine($"{name} could not be started again; start it in the dashboard. {started.Message}");
            }
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            await SeeAsync(change, stoppingToken);
        }
    }

    private static bool WasKilled(CustomResourceSnapshot snapshot) =>
        KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text) && snapshot.ExitCode is not (null or 0);
}
