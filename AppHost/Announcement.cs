using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;

namespace AppHost;

/// <summary>Tells on the console where the stores are, where everything is once all of it is healthy, and what keeps it from that.</summary>
internal sealed class Announcement(
    TaproomSettings settings,
    Stores stores,
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    IHostEnvironment environment
) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Console.WriteLine(stores.Where);
        TellOfOtherStores();
        var password = TellOfLostPasswordAsync(stoppingToken);
        try
        {
            var services = model
                .Resources.OfType<ProjectResource>()
                .Where(project => !project.HasAnnotationOfType<ExplicitStartupAnnotation>())
                .ToDictionary(
                    project => project.Name,
                    project => notifications.WaitForResourceHealthyAsync(project.Name, WaitBehavior.StopOnResourceUnavailable, stoppingToken)
                );
            var healthy = Task.WhenAll(services.Values);
            while (await Task.WhenAny(healthy, Task.Delay(Patience, stoppingToken)) != healthy)
            {
                stoppingToken.ThrowIfCancellationRequested();
                var waiting = services.Where(service => !service.Value.IsCompleted).Select(service => service.Key);
                Console.WriteLine($"Still waiting for {string.Join(", ", waiting)}. The logs are in the dashboard: {settings.DashboardUrl}");
            }

            await healthy;
            Console.WriteLine(Addresses());
        }
        catch (DistributedApplicationException ex)
        {
            Console.WriteLine($"{ex.Message} The logs are in the dashboard: {settings.DashboardUrl}");
        }

        await password;
    }

    private string Addresses()
    {
        var text = new StringBuilder();
        foreach (var host in Hosts())
        {
            text.AppendLine(
                $"""
                  page             http://{host}:{settings.Ports.Page}
                  API, Swagger UI  http://{host}:{settings.Ports.Api}/api
                  MQTT             {host}:{settings.Ports.Mqtt}
                """
            );
        }

        return $"""

            Taproom is running{(settings.IsOpen ? ", open to the network: whoever reaches it can read all of it" : "")}.
            {text}  dashboard        {settings.DashboardUrl}
              admin key        {Shown(Path.Combine(settings.DataPath, "admin-key"))}
            Ctrl-C stops it.

            """;
    }

    // Where others reach this machine, as they have to write it.
    private IEnumerable<string> Hosts() =>
        !settings.IsOpen ? ["localhost"]
        : IPAddress.Parse(settings.Listen) is var asked && !asked.Equals(IPAddress.Any) && !asked.Equals(IPAddress.IPv6Any) ? [Written(asked)]
        :
        [
            "localhost",
            .. NetworkInterface
                .GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus == OperationalStatus.Up)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Select(found => found.Address)
                .Where(found => !IPAddress.IsLoopback(found) && !found.IsIPv6LinkLocal)
                .Where(found => found.AddressFamily == AddressFamily.InterNetwork || asked.Equals(IPAddress.IPv6Any))
                .Select(Written),
        ];

    private static string Written(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}";

    // As seen from the root of the repository, where it lies below.
    private string Shown(string path)
    {
        var relative = Path.GetRelativePath(Path.GetDirectoryName(environment.ContentRootPath.TrimEnd('/'))!, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    // An engine that is stopped looks like lost data: the programs of this machine have other data than the containers.
    private void TellOfOtherStores()
    {
        var path = Path.Combine(settings.DataPath, "stores");
        var now = settings.Containers == true ? "containers" : "programs";
        var before = File.Exists(path) ? File.ReadAllText(path) : now;
        if (before != now)
        {
            Console.WriteLine($"The last run had its Redis and Postgres as {before}, with data of their own, which this run does not show.");
        }

        File.WriteAllText(path, now);
    }

    private async Task TellOfLostPasswordAsync(CancellationToken cancellationToken)
    {
        if (stores.PostgresVolume is not { } volume)
        {
            return;
        }

        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            // 28P01: invalid password.
            if (change.Resource.Name == "postgres" && change.Snapshot.HealthReports.Any(report => report.ExceptionText?.Contains("28P01") == true))
            {
                Console.WriteLine(
                    $"Postgres refuses its password, because the volume {volume} was made with another one: "
                        + "set that one (dotnet user-secrets --project AppHost set Parameters:postgres-password ...), "
                        + $"or stop Taproom and start it with an empty database (docker volume rm {volume})."
                );
                return;
            }
        }
    }
}
