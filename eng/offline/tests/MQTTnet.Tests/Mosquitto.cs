using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace MQTTnet.Tests;

/// <summary>A program of mosquitto as a child process; disposing kills it.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Mosquitto(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

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

    public bool HasExited => _process.HasExited;

    /// <summary>Starts mosquitto_pub, mosquitto_sub or mosquitto.</summary>
    public static Mosquitto Start(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(Find(program)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        try
        {
            return new Mosquitto(Process.Start(info)!);
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"These tests need the program {program}: install the packages mosquitto and mosquitto-clients.", exception);
        }
    }

    /// <summary>Runs mosquitto_pub to its end.</summary>
    public static Task<(int ExitCode, string Output)> PublishAsync(int port, string version, params string[] arguments) =>
        RunAsync("mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{port}", "-V", version, .. arguments]);

    public static Mosquitto Subscribe(int port, string version, params string[] arguments) =>
        Start("mosquitto_sub", ["-h", "127.0.0.1", "-p", $"{port}", "-V", version, "-W", "30", .. arguments]);

    public static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments)
    {
        await using var run = Start(program, arguments);
        var exitCode = await run.ExitAsync();
        return (exitCode, run.Output);
    }

    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Support.Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Kills the process as a crash would.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // The broker is in /usr/sbin, which is not in everybody's path.
    private static string Find(string program) => File.Exists($"/usr/sbin/{program}") ? $"/usr/sbin/{program}" : program;

    private void Add(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}

/// <summary>A real mosquitto broker on a port of its own, which can be stopped and started again.</summary>
internal sealed class MosquittoBroker : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosquitto-test-").FullName;
    private Mosquitto? _process;

    public int Port { get; } = Support.FreePort();

    public static async Task<MosquittoBroker> StartNewAsync()
    {
        var broker = new MosquittoBroker();
        await broker.StartAsync();
        return broker;
    }

    public async Task StartAsync()
    {
        var configuration = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"listener {Port} 127.0.0.1\nallow_anonymous true\npersistence false\n");
        _process = Mosquitto.Start("mosquitto", "-c", configuration);
        await Support.Eventually(Answers, "the mosquitto broker answers");
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private bool Answers()
    {
        Assert.False(_process!.HasExited, $"The mosquitto broker ended: {_process.Output}");
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
