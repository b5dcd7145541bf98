using Taproom.Simulator.Faults;
using Taproom.Simulator.Journal;
using Taproom.Simulator.Verify;

namespace Taproom.Simulator;

/// <summary>One tap: pours at its pace, keeps a journal, and reports each pour over a connection of its own, QoS 1.</summary>
/// <remarks>
/// A pour is on disk before it is sent and stays there until the receipt says that Postgres has it; after a lost connection, or
/// when the receipt does not come in time, it is sent again with the same id. One pour is under way at a time.
/// </remarks>
internal sealed partial class SimulatedTap(
    TapIdentity tap,
    Outbox outbox,
    PourReporter reporter,
    SimulatorOptions options,
    FaultPlan faults,
    PourLedger ledger,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    /// <summary>Smallest glass in mL; of a pour that was cut shorter, nothing is reported.</summary>
    private const decimal SmallestGlassMl = 100;

    private readonly Random _pace = options.RandomFor(tap.Id, "pace");
    private readonly FlowMeter _meter = new(options.RandomFor(tap.Id, "volumes"));

    /// <summary>Its id.</summary>
    public int Id => tap.Id;

    /// <summary>Whether it has a connection to the bridge now.</summary>
    public bool IsConnected => reporter.IsConnected;

    /// <summary>The pours that are not known to be stored.</summary>
    public IReadOnlyList<PouredGlass> Owed => outbox.Owed;

    /// <summary>Pours and reports until it is stopped.</summary>
    /// <param name="closingTime">Ends the pouring; what was poured is reported all the same.</param>
    /// <param name="stoppingToken">Ends both; what has no receipt by then waits in the journal, where there is one.</param>
    public async Task RunAsync(CancellationToken closingTime, CancellationToken stoppingToken)
    {
        using var pouring = CancellationTokenSource.CreateLinkedTokenSource(closingTime, stoppingToken);
        await Task.WhenAll(PourAsync(pouring.Token), reporter.RunAsync(stoppingToken));
    }

    /// <inheritdoc />
    public void Dispose() => outbox.Dispose();

    private async Task PourAsync(CancellationToken closingTime)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Pause(_pace), time, closingTime);
                await outbox.WaitForRoomAsync(closingTime);
                PourGlass();
            }
        }
        catch (OperationCanceledException) when (closingTime.IsCancellationRequested)
        {
            // Nothing more is poured; what was poured is still to be reported.
        }
    }

    private void PourGlass()
    {
        var stopsAt = faults.StopsMidPour();
        var volumeMl = Math.Round(_meter.Pour() * (stopsAt ?? 1), 1);
        if (volumeMl >= SmallestGlassMl)
        {
            var now = time.GetUtcNow();
            var pour = new PouredGlass(Guid.CreateVersion7(now), volumeMl, now + faults.ClockSkew(), outbox.LastSeq + 1);
            outbox.Add(pour, faults.HoldsBack(2 * options.Pause(_pace)));
            ledger.Poured(tap.Id, pour.Id);
        }

        if (stopsAt is not null)
        {
            LogPowerCut(tap.Name);
            outbox.Reload();
            reporter.Drop();
        }
    }

    [LoggerMessage(LogLevel.Information, "The power of tap {Tap} fails in the middle of a pour.")]
    private partial void LogPowerCut(string tap);
}
