using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Tap.Simulator.Journal;
using Tap.Simulator.Transports;

namespace Tap.Simulator.Taps;

/// <summary>All simulated taps, each with a connection, a pace and a journal of its own.</summary>
internal sealed partial class TapFleet : BackgroundService, IHealthCheck
{
    private readonly List<SimulatedTap> _taps;
    private readonly CancellationTokenSource _closingTime = new();

    /// <summary>Opens the journals.</summary>
    /// <exception cref="JournalException">One of them cannot be used.</exception>
    public TapFleet(
        ITapTransport transport,
        TapRegistration registration,
        PourLedger ledger,
        IOptions<SimulatorOptions> options,
        IOptions<TransportOptions> transportOptions,
        IOptions<FaultOptions> faults,
        TimeProvider time,
        ILogger<SimulatedTap> logger
    )
    {
        var settings = options.Value;
        _taps =
        [
            .. Enumerable
                .Range(settings.FirstTap, settings.Taps)
                .Select(tapId =>
                {
                    var tap = new TapIdentity(tapId);
                    var plan = new FaultPlan(faults.Value, fault => settings.RandomFor(tapId, fault));
                    var path = settings.JournalPath is { } folder ? Path.Combine(folder, $"tap-{tap.Name}.journal") : null;
                    var journal = PourJournal.Open(path);
                    if (journal.Damaged > 0)
                    {
                        LogDamaged(logger, path!, journal.Damaged);
                    }

                    var outbox = new Outbox(journal, settings.MaxUnsent, settings.ResendAfter, time);
                    var meter = new FlowMeter(settings.RandomFor(tapId, "volumes"), settings.PulsesPerLitre, journal.LastOdometer);
                    var reporter = new TapReporter(
                        tap,
                        outbox,
                        new TapSensors(settings.RandomFor(tapId, "sensors"), meter),
                        transport,
                        registration,
                        settings,
                        transportOptions.Value,
                        plan,
                        ledger,
                        time,
                        logger
                    );
                    return new SimulatedTap(tap, outbox, meter, reporter, settings, plan, ledger, time, logger);
                }),
        ];
    }

    /// <summary>The ids of the taps.</summary>
    public IEnumerable<int> TapIds => _taps.Select(tap => tap.Id);

    /// <summary>The pours that are not known to be stored, with their taps.</summary>
    public IReadOnlyList<(int TapId, Pour Pour)> Pending => [.. _taps.SelectMany(tap => tap.Pending, (tap, pour) => (tap.Id, pour))];

    /// <summary>Ends the pouring; the taps go on reporting what they have poured.</summary>
    public Task CloseAsync() => _closingTime.CancelAsync();

    /// <summary>Pours glasses now, one tap after the other.</summary>
    /// <returns>How many; a tap that keeps too much without a receipt leaves its turn out.</returns>
    public int Pour(int count) => Enumerable.Range(0, count).Count(n => _taps[n % _taps.Count].TryPour());

    /// <summary>All taps pour faster for a while.</summary>
    public void StartRushHour() => _taps.ForEach(tap => tap.StartRushHour());

    /// <summary>Breaks the connections of all taps off.</summary>
    /// <returns>How many there were.</returns>
    public int BreakConnections() => _taps.Count(tap => tap.BreakConnection());

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var away = _taps.Count(tap => !tap.IsConnected);
        return Task.FromResult(
            away == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"{away} of {_taps.Count} taps are not connected.")
        );
    }

    public override void Dispose()
    {
        _taps.ForEach(tap => tap.Dispose());
        _closingTime.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_taps.Select(tap => tap.RunAsync(_closingTime.Token, stoppingToken)));

    [LoggerMessage(LogLevel.Warning, "Lines of the journal {Path} cannot be read and are left out: {Count}. Its other pours are kept.")]
    private static partial void LogDamaged(ILogger logger, string path, int count);
}
