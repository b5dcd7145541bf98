using System.Net;
using System.Net.NetworkInformation;

namespace AppHost;

/// <summary>Looks, before anything starts, for what would make the start fail half-way.</summary>
internal static class Preflight
{
    /// <summary>The first problem found, as one sentence that says what to do about it; null when there is none.</summary>
    public static string? Problem(TaproomSettings settings, bool containers) =>
        (settings.RandomPorts ? null : TakenPort(settings)) ?? (containers ? null : MissingProgram());

    private static string? TakenPort(TaproomSettings settings)
    {
        (string What, int Port, string Option)[] wanted =
        [
            ("the page", settings.PagePort, "Taproom__Ports__Page"),
            ("the API", settings.ApiPort, "Taproom__Ports__Api"),
            ("MQTT", settings.MqttPort, "Taproom__Ports__Mqtt"),
            ("the Aspire dashboard", PortOf(settings.DashboardUrl), "ASPNETCORE_URLS"),
        ];
        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(end => end.Port).ToHashSet();
        foreach (var (what, port, option) in wanted)
        {
            if (listening.Contains(port))
            {
                return $"Port {port}, wanted for {what}, is taken: stop what listens there, or choose another with {option}.";
            }
        }

        return null;
    }

    private static int PortOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.Port : IPEndPoint.MinPort;

    private static string? MissingProgram()
    {
        (bool Found, string Program, string Package)[] programs =
        [
            (IsInPath("redis-server"), "redis-server", "redis-server"),
            (IsInPath("postgres") || Directory.Exists("/usr/lib/postgresql"), "postgres", "postgresql"),
        ];
        var missing = programs.Where(program => !program.Found).ToArray();
        return missing.Length == 0
            ? null
            : $"No container runtime answers and {string.Join(" and ", missing.Select(program => program.Program))} cannot be found: "
                + $"start Docker or Podman, or install the package {string.Join(" and ", missing.Select(program => program.Package))}.";
    }

    private static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
