using System.Diagnostics;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>A service of Taproom as a process that is killed, stopped and started again like a server; its port is that of HTTP.</summary>
/// <param name="name">What it is called, the name of its resource and a number.</param>
/// <param name="project">The project's folder in the repository, which has the project's name.</param>
/// <param name="settings">Its configuration.</param>
/// <param name="logs">The folder where it writes its log, <c>{name}.log</c>, through all of its lives.</param>
internal sealed class ServiceServer(string name, string project, IReadOnlyDictionary<string, string?> settings, string logs) : LocalServer
{
    // bin/{configuration}/{framework} of every project is alike.
    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>What it is called.</summary>
    public string Name => name;

    /// <inheritdoc />
    protected override ProcessStartInfo Command()
    {
        var folder = Path.Combine(Repository, project, "bin", Own.Parent!.Name, Own.Name);
        var log = Path.Combine(logs, $"{name}.log");
        var start = new ProcessStartInfo("sh", ["-c", "exec dotnet \"$0\" >>\"$1\" 2>&1", Path.Combine(folder, $"{project}.dll"), log])
        {
            WorkingDirectory = folder,
        };
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{Port}";
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__")] = value;
        }

        return start;
    }

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync($"http://127.0.0.1:{Port}/health");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception ex) when (ex is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
