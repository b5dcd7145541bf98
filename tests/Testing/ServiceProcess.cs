using System.Diagnostics;
using System.Net;
using System.Text;

namespace Testing;

/// <summary>A service as a process of its own, which a test may kill.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    // bin/{configuration}/{framework} of every project is alike.
    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            lock (_output)
            {
                _output.AppendLine(line.Data);
            }
        };
        process.BeginOutputReadLine();
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>All that it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a service that is built as this test is.</summary>
    /// <param name="project">The project's folder in the repository, which has the project's name.</param>
    /// <param name="settings">Its configuration.</param>
    /// <param name="arguments">Its command line.</param>
    public static ServiceProcess Start(string project, IReadOnlyDictionary<string, string?> settings, params string[] arguments)
    {
        var folder = Path.Combine(LocalServer.Repository, project, "bin", Own.Parent!.Name, Own.Name);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, $"{Path.GetFileName(project)}.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        start.Environment["Logging__Console__LogToStandardErrorThreshold"] = "None";
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__")] = value;
        }

        return new ServiceProcess(Process.Start(start)!);
    }

    /// <summary>Waits until it answers over HTTP.</summary>
    public static async Task HealthyAsync(string address)
    {
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await http.GetAsync($"{address}/health")).StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"{address} is healthy",
            // To start four of them at once takes a busy machine its time.
            TimeSpan.FromMinutes(2)
        );
    }

    /// <summary>Ends it at once, as kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="name">Its name, without SIG: <c>STOP</c> or <c>CONT</c>.</param>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code, and all that it printed.</returns>
    public async Task<(int ExitCode, string Output)> ExitAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        await _process.WaitForExitAsync(deadline.Token);
        return (_process.ExitCode, Output);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
