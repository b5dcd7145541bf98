using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>What to start.</summary>
/// <param name="File">Full path of the program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WorkingDirectory">Folder it starts in.</param>
/// <param name="Environment">All its environment variables.</param>
internal sealed record ProcessSpec(
    string File, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment);

/// <summary>A process in a session of its own, with everything it starts.</summary>
internal sealed class ResourceProcess
{
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AfterFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private readonly Process _process;
    private readonly ProcessWatchdog _watchdog;
    private readonly ProcessTree _tree;
    private readonly TimeProvider _time;
    private readonly Task _output;
    private readonly SemaphoreSlim _stop = new(1, 1);
    private bool _gone;

    private ResourceProcess(Process process, ProcessTree tree, ProcessWatchdog watchdog, TimeProvider time, Action<string, bool> onLine)
    {
        _process = process;
        _tree = tree;
        _watchdog = watchdog;
        _time = time;
        _output = Task.WhenAll(ReadAsync(process.StandardOutput, false, onLine), ReadAsync(process.StandardError, true, onLine));
        Exited = WaitAsync();
    }

    /// <summary>Process id, and id of the session.</summary>
    public int Id => _tree.Session;

    /// <summary>Ends with the first process; 128 and more is a signal.</summary>
    public Task<int> Exited { get; }

    /// <summary>Waits until all output is read, but not for long: a child that lives on may hold the pipe.</summary>
    public Task DrainAsync() => Task.WhenAny(_output, Task.Delay(DrainTimeout, _time, CancellationToken.None));

    /// <summary>Starts a program.</summary>
    /// <exception cref="DistributedApplicationException">The program or its folder does not exist.</exception>
    public static ResourceProcess Start(ProcessSpec spec, ProcessWatchdog watchdog, TimeProvider time, Action<string, bool> onLine)
    {
        if (!Directory.Exists(spec.WorkingDirectory))
        {
            throw new DistributedApplicationException($"The working directory '{spec.WorkingDirectory}' does not exist.");
        }
        var mark = Guid.NewGuid().ToString("N");
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            UseShellExecute = false, WorkingDirectory = spec.WorkingDirectory,
        };
        foreach (var argument in (string[])[spec.File, .. spec.Arguments])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }
        start.Environment[ProcessTree.MarkVariable] = mark;
        watchdog.Start();
        watchdog.Add(mark);
        try
        {
            // No shell in between: some drop variables whose names are not identifiers, such as services__ingest-api__http__0.
            var process = Process.Start(start) ?? throw new DistributedApplicationException($"'{spec.File}' could not be started.");
            process.StandardInput.Close();
            watchdog.Add(process.Id);
            return new ResourceProcess(process, new ProcessTree(process.Id, mark), watchdog, time, onLine);
        }
        catch (Exception ex) when (ex is Win32Exception or DistributedApplicationException)
        {
            watchdog.Drop(mark, null);
            throw new DistributedApplicationException($"'{spec.File}' could not be started: {ex.Message}", ex);
        }
    }

    /// <summary>Ends the process and all it started: politely first, by force after a while or when cancelled.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        await _stop.WaitAsync(CancellationToken.None);
        try
        {
            if (_gone)
            {
                return;
            }
            if (_tree.Members().Count > 0)
            {
                _tree.SignalGroup(ProcessTree.SigTerm);
                if (!await IsGoneAsync(grace, askTheRest: true, cancellationToken))
                {
                    await KillAsync();
                }
            }
            await Exited;
            await DrainAsync();
            _gone = true;
            _watchdog.Drop(_tree.Mark, _tree.Session);
            _process.Dispose();
        }
        finally
        {
            _stop.Release();
        }
    }

    private static async Task ReadAsync(StreamReader reader, bool isError, Action<string, bool> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine(line, isError);
        }
    }

    private async Task KillAsync()
    {
        var started = _time.GetTimestamp();
        do
        {
            _tree.SignalAll(ProcessTree.SigKill);
            if (await IsGoneAsync(Poll * 4, askTheRest: false, CancellationToken.None))
            {
                return;
            }
        }
        while (_time.GetElapsedTime(started) < KillTimeout);
        throw new DistributedApplicationException($"Process {Id} and its children did not end when killed.");
    }

    private async Task<bool> IsGoneAsync(TimeSpan within, bool askTheRest, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (_tree.Members().Count > 0)
        {
            var elapsed = _time.GetElapsedTime(started);
            if (cancellationToken.IsCancellationRequested || elapsed >= within)
            {
                return false;
            }
            // What is in another group was not asked, and the first process had its time to ask it.
            if (askTheRest && (elapsed >= within / 2 || (Exited.IsCompleted && elapsed >= AfterFirst)))
            {
                _tree.SignalOthers(ProcessTree.SigTerm);
                askTheRest = false;
            }
            await Task.Delay(Poll, _time, CancellationToken.None);
        }
        return true;
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
