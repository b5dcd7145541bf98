using Tap.Simulator.Journal;
using Tap.Simulator.Transports;

namespace Tap.Simulator.Taps;

/// <summary>One tap: pours at its pace, keeps a journal, and reports each pour over a connection of its own.</summary>
/// <remarks>
/// A pour is on disk before it is sent and stays there until the receipt says that Postgres has it; after a lost connection, or
/// when the receipt does not come in time, it is sent again with the same id. One pour is under way at a time.
/// </remarks>
internal sealed partial class SimulatedTap(
    TapIdentity tap,
    Outbox outbox,
    FlowMeter meter,
    TapReporter reporter,
    SimulatorOptions options,
    FaultPlan faults,
    PourLedger ledger,
    TimeProvider time,
    ILogger logger
) : IDisposable
{
    /// <summary>Smallest glass in mL; of a pour that was cut shorter, nothing is reported.</summary>
    private const decimal SmallestGlassMl = 100;

    private readonly Pace _pace = new(options, options.RandomFor(tap.Id, "pace"), time);
    private readonly Lock _pouring = new();
    private bool _mayPour = true;

    /// <summary>Its id.</summary>
    public int Id => tap.Id;

    /// <summary>Whether it has a connection now.</summary>
    public bool IsConnected => reporter.IsConnected;

    /// <summary>The pours that are not known to be stored.</summary>
    public IReadOnlyList<Pour> Pending => outbox.Pending;

    /// <summary>Pours one glass now, beside those of its pace.</summary>
    /// <returns>False when the outbox is full, or the journal does not take the pour.</returns>
    public bool TryPour() => !outbox.IsFull && PourGlass();

    /// <summary>Pours faster for a while.</summary>
    public void StartRushHour() => _pace.StartRushHour();

    /// <summary>Breaks its connection off; it connects again.</summary>
    /// <returns>Whether it had one.</returns>
    public bool BreakConnection() => reporter.Drop();

    /// <summary>Pours and reports until it is stopped.</summary>
    /// <param name="closingTime">Ends the pouring; what was poured is reported all the same.</param>
    /// <param name="stoppingToken">Ends both; what has no receipt by then waits in the journal, where there is one.</param>
    public async Task RunAsync(CancellationToken closingTime, CancellationToken stoppingToken)
    {
        using var pouring = CancellationTokenSource.CreateLinkedTokenSource(closingTime, stoppingToken);
        await Task.WhenAll(PourAsync(pouring.Token), reporter.RunAsync(stoppingToken));
    }

    public void Dispose() => outbox.Dispose();

    private async Task PourAsync(CancellationToken closingTime)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_pace.UntilNext(), time, closingTime);
                if (outbox.IsFull)
                {
                    LogFull(tap.Name, options.MaxUnsent);
                    await outbox.WaitForRoomAsync(closingTime);
                }

                PourGlass();
            }
        }
        catch (OperationCanceledException) when (closingTime.IsCancellationRequested)
        {
            // Nothing more is poured; what was poured is still to be reported.
        }
    }

    private bool PourGlass()
    {
        // The tap pours at its pace, and when it is told to.
        lock (_pouring)
        {
            var stopsAt = faults.StopsMidPour();
            var poured = meter.Pour(stopsAt ?? 1);
            var isKept = poured.VolumeMl < SmallestGlassMl || Keep(poured);
            if (stopsAt is not null)
            {
                LogPowerCut(tap.Name);
                outbox.Reload();
                reporter.Drop();
            }

            return isKept;
        }
    }

    private bool Keep(MeteredPour poured)
    {
        var now = time.GetUtcNow();
        var pour = new Pour(
            Guid.CreateVersion7(now),
            poured.VolumeMl,
            now + faults.ClockSkew(),
            outbox.LastSeq + 1,
            poured.Pulses,
            poured.Odometer,
            poured.DurationMs
        );
        try
        {
            outbox.Add(pour, faults.HoldsBack(2 * options.MeanPause));
            ledger.Poured(tap.Id, pour.Id);
            return _mayPour = true;
        }
        catch (JournalException ex)
        {
            // A tap pours nothing that it could lose; perhaps there is room for the next one.
            if (_mayPour)
            {
                LogNotKept(tap.Name, ex.Message);
            }

            return _mayPour = false;
        }
    }

    [LoggerMessage(LogLevel.Information, "The power of tap {Tap} fails in the middle of a pour.")]
    private partial void LogPowerCut(string tap);

    [LoggerMessage(LogLevel.Warning, "Tap {Tap} pours nothing until a receipt comes: {Count} of its pours have none.")]
    private partial void LogFull(string tap, int count);

    [LoggerMessage(LogLevel.Error, "Tap {Tap} pours nothing until there is room: {Message}")]
    private partial void LogNotKept(string tap, string message);
}
