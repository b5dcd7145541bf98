using System.Globalization;

namespace Distributed.Tests.Faults;

/// <summary>Samples how much memory the services hold, once a second.</summary>
internal sealed class MemorySamples : IAsyncDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    private readonly RunningTaproom _taproom;
    private readonly Dictionary<string, Memory> _memory = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _sampling;

    /// <summary>Begins.</summary>
    public MemorySamples(RunningTaproom taproom)
    {
        _taproom = taproom;
        _sampling = Task.Run(SampleAsync);
    }

    /// <summary>The newest figures of each service.</summary>
    public IReadOnlyDictionary<string, Memory> Services
    {
        get
        {
            lock (_memory)
            {
                return new Dictionary<string, Memory>(_memory);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task SampleAsync()
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(_end.Token))
        {
            foreach (var service in _taproom.Services)
            {
                if (Read(service.ProcessId) is { } bytes)
                {
                    lock (_memory)
                    {
                        var known = _memory.GetValueOrDefault(service.Name, new Memory(0, 0, 0));
                        var isEarly = TimeProvider.System.GetElapsedTime(startedAt) < Early;
                        _memory[service.Name] = new Memory(
                            isEarly ? Math.Max(known.FirstMinute, bytes) : known.FirstMinute,
                            Math.Max(known.Most, bytes),
                            bytes
                        );
                    }
                }
            }
        }
    }

    private static long? Read(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? null : 1_024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has been killed.
            return null;
        }
    }
}

/// <summary>Memory that a service holds (resident set), in bytes.</summary>
/// <param name="FirstMinute">The most in the first minute.</param>
/// <param name="Most">The most of the whole run.</param>
/// <param name="Last">At the end.</param>
internal sealed record Memory(long FirstMinute, long Most, long Last)
{
    /// <summary>The end by the first minute.</summary>
    public double Ratio => (double)Last / FirstMinute;
}
