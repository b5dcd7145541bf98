using Benchmarks.Load;

namespace Benchmarks;

/// <summary>How many taps publish, and how many pours of each wait for their PUBACK.</summary>
internal sealed record MqttShape(int Taps, int InFlight)
{
    /// <summary>Few busy taps, and many that wait for each answer.</summary>
    public static IReadOnlyList<MqttShape> All(Run run) => run.Either<MqttShape[]>([new(64, 8), new(500, 1)], [new(20, 2)]);

    /// <summary>Starts a load of this shape.</summary>
    public Child Start(int port, double warmUp, double seconds) =>
        Child.Start(
            Roles.MqttLoad,
            new MqttLoadOptions(port, Taps, InFlight, warmUp, seconds),
            // A wake-up serves its connection at once, without a second one in the thread pool.
            ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")
        );

    /// <summary>Measures the PUBACKs of a server: 10 s after 3 s of warm-up.</summary>
    public async Task<MqttLoadResult> MeasureAsync(Run run, int port)
    {
        await using var load = Start(port, run.Either(3, 0.1), run.Either(10, 0.3));
        await load.ReadAsync<WindowOpened>(run.Stopping);
        return await load.ReadAsync<MqttLoadResult>(run.Stopping);
    }

    /// <inheritdoc />
    public override string ToString() => $"{Taps} taps x {InFlight}";
}
