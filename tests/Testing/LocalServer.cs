using System.Diagnostics;
using Xunit;

namespace Testing;

/// <summary>A real server program on a free loopback port, with a data folder of its own that goes with it.</summary>
public abstract class LocalServer : IAsyncLifetime
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly Queue<string> _output = new();
    private Process? _process;

    /// <summary>The port that it listens on, the same after a restart.</summary>
    public int Port { get; } = FreePort();

    /// <summary>Id of its process, the newest after a restart.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Its data folder.</summary>
    protected string DataPath { get; } = Path.Combine(Path.GetTempPath(), $"taproom-{Guid.NewGuid():N}");

    /// <inheritdoc />
    public Task InitializeAsync() => StartAsync();

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await StopAsync();
        if (Directory.Exists(DataPath))
        {
            Directory.Delete(DataPath, recursive: true);
        }
    }

    /// <summary>Starts the server, also again after <see cref="StopAsync"/> or <see cref="KillAsync"/>, and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It exited; the message holds what it printed.</exception>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(DataPath);
        await PrepareAsync();
        var start = Command();
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.TrueAsync(
            async () => _process.HasExited ? throw new InvalidOperationException(Output()) : await IsReadyAsync(),
            $"{start.FileName} answers on port {Port}",
            TimeSpan.FromMinutes(2)
        );
    }

    /// <summary>Stops it in an orderly way, as an operator would.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
        {
            return;
        }

        using (var term = Process.Start("kill", ["-TERM", process.Id.ToString()]))
        {
            await term.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Makes it hang: its connections stay open and nothing is answered until <see cref="ResumeAsync"/>.</summary>
    public Task PauseAsync() => SignalAllAsync("-STOP");

    /// <summary>Ends what <see cref="PauseAsync"/> began.</summary>
    public Task ResumeAsync() => SignalAllAsync("-CONT");

    // The program may run under a script, and have processes of its own; parents first, so that none is made meanwhile.
    private async Task SignalAllAsync(string signal)
    {
        List<int> tree = [_process!.Id];
        var known = 0;
        while (known < tree.Count)
        {
            known = tree.Count;
            await KillAsync(signal, tree);
            tree = [_process.Id, .. Children(tree)];
        }
    }

    private static async Task KillAsync(string signal, IEnumerable<int> processes)
    {
        using var kill = Process.Start("kill", [signal, .. processes.Select(id => id.ToString())]);
        await kill.WaitForExitAsync();
    }

    private static IEnumerable<int> Children(IReadOnlyCollection<int> parents)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            var parent = 0;
            try
            {
                // "id (name) state parent ...", where the name may hold anything.
                var status = File.ReadAllText(Path.Combine(folder, "stat"));
                parent = int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1]);
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }

            if (parents.Contains(parent))
            {
                yield return int.Parse(Path.GetFileName(folder));
            }
        }
    }

    /// <summary>A TCP port that nothing listens on now, and that no other run of tests is given while this one goes on.</summary>
    public static int FreePort() => FreePorts.Next();

    /// <summary>Called before each start.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>How to start the program on <see cref="Port"/> with <see cref="DataPath"/>.</summary>
    protected abstract ProcessStartInfo Command();

    /// <summary>Whether it answers.</summary>
    protected abstract Task<bool> IsReadyAsync();

    /// <summary>The folder of the repository, where <c>eng/local</c> is.</summary>
    public static string Repository { get; } = FindRepository();

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Aspire.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null)
            {
                _output.Enqueue(line);
            }

            if (_output.Count > 50)
            {
                _output.Dequeue();
            }
        }
    }

    private string Output()
    {
        lock (_output)
        {
            return string.Join('\n', _output);
        }
    }
}
