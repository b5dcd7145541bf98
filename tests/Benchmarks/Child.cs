using System.Diagnostics;
using System.Text.Json;

namespace Benchmarks;

/// <summary>This program started again in a role, so that a load or a bare server shares no runtime with what is measured.</summary>
/// <remarks>It tells what it has to say as lines of JSON. It ends when its standard input does, so it does not outlive who started it.</remarks>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _role;

    private Child(Process process, string role) => (_process, _role) = (process, role);

    /// <summary>Starts it.</summary>
    /// <param name="role">One of <see cref="Roles"/>.</param>
    /// <param name="options">What the role needs.</param>
    /// <param name="environment">Environment variables that it gets beside those of this process.</param>
    public static Child Start<T>(string role, T options, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Child).Assembly.Location, Roles.Verb, role, JsonSerializer.Serialize(options)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new Child(Process.Start(start)!, role);
    }

    /// <summary>Waits for the next thing that it tells.</summary>
    /// <exception cref="InvalidOperationException">It ended; it has said why on standard error.</exception>
    public async Task<T> ReadAsync<T>(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line
            ? JsonSerializer.Deserialize<T>(line)!
            : throw new InvalidOperationException($"The process in the role '{_role}' ended before it had told everything.");

    /// <summary>In the child: tells something.</summary>
    public static void Tell<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value));

    /// <summary>In the child: waits until it is not wanted any more.</summary>
    /// <remarks>
    /// On a thread of its own: standard input is read without asynchrony, and on two cores the thread pool has two threads before it waits half a
    /// second for each further one.
    /// </remarks>
    public static Task UnwantedAsync() =>
        Task.Factory.StartNew(
            () => Console.OpenStandardInput().CopyTo(Stream.Null),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
