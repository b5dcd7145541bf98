using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Taproom.Simulator;

/// <summary>All simulated taps, each with a connection and a pace of its own.</summary>
internal sealed class TapFleet : BackgroundService, IHealthCheck
{
    private readonly IReadOnlyList<SimulatedTap> _taps;

    public TapFleet(
        BridgeAddress bridge,
        SimulatorMetrics metrics,
        IOptions<SimulatorOptions> options,
        TimeProvider time,
        ILogger<SimulatedTap> logger)
    {
        _taps =
        [
            .. Enumerable.Range(1, options.Value.Taps).Select(tapId => new SimulatedTap(
                tapId,
                bridge,
                options.Value,
                // Taps of one seed differ, and each is the same however many there are.
                options.Value.Seed is { } seed ? new Random(HashCode.Combine(seed, tapId)) : new Random(),
                metrics,
                time,
                logger)),
        ];
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var away = _taps.Count(tap => !tap.IsConnected);
        return Task.FromResult(away == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"{away} of {_taps.Count} taps are not connected."));
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_taps.Select(tap => tap.RunAsync(stoppingToken)));
}
