using Microsoft.Extensions.Options;
using Tap.Simulator.Taps;
using Tap.Simulator.Transports;

namespace Tap.Simulator.Verify;

/// <summary>Lets the taps pour for a while, waits for their receipts, compares with the API, prints the verdict and ends the process.</summary>
/// <remarks>The process ends with 0 when no pour is lost and none is duplicated, else with 1.</remarks>
internal sealed partial class VerifiedRun(
    TapFleet fleet,
    PourLedger ledger,
    IHttpClientFactory clients,
    IHostApplicationLifetime lifetime,
    IOptions<VerifyOptions> options,
    IOptions<TransportOptions> transport,
    TimeProvider time,
    ILogger<VerifiedRun> logger
) : BackgroundService
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(250);

    private readonly VerifyOptions _options = options.Value;
    private readonly bool _isAdmin = !string.IsNullOrEmpty(transport.Value.AdminKey);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not good until proven, however it ends.
        Environment.ExitCode = 1;
        try
        {
            var verdict = await RunAsync(stoppingToken);
            Console.WriteLine(string.Join(Environment.NewLine, verdict.ToLines()));

            Environment.ExitCode = verdict.IsGood ? 0 : 1;
        }
        catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(ex);
        }

        lifetime.StopApplication();
    }

    private async Task<Verdict> RunAsync(CancellationToken stoppingToken)
    {
        using var http = clients.CreateClient(TransportExtensions.ApiClient);
        var beers = new StoredBeers(http, _isAdmin);
        // What an earlier run has left in the journals is to be found, too.
        foreach (var (tapId, pour) in fleet.Pending)
        {
            ledger.Poured(tapId, pour.Id);
        }

        var startedAt = time.GetUtcNow();
        var before = (await ListAsync(beers, stoppingToken)).SelectMany(tap => tap.Value).ToHashSet();
        await Task.Delay(_options.Duration, time, stoppingToken);
        await fleet.CloseAsync();
        LogDraining(fleet.Pending.Count);

        var closedAt = time.GetTimestamp();
        while (fleet.Pending.Count > 0 && time.GetElapsedTime(closedAt) < _options.Patience)
        {
            await Task.Delay(PollPeriod, time, stoppingToken);
        }

        while (true)
        {
            var verdict = Verdict.Of(ledger.AllPoured, ledger.AllRefused, before, await ListAsync(beers, stoppingToken));
            if (verdict.Lost.Count == 0 || time.GetElapsedTime(closedAt) >= _options.Patience)
            {
                return verdict with
                {
                    Repeated = ledger.AllRepeated,
                    Bad = ledger.AllBad,
                    DeadLetters = await beers.CountDeadLettersAsync(fleet.TapIds, startedAt, stoppingToken),
                };
            }

            // Without receipts, an accepted pour may still be on its way.
            await Task.Delay(PollPeriod, time, stoppingToken);
        }
    }

    private async Task<Dictionary<int, IReadOnlyList<Guid>>> ListAsync(StoredBeers beers, CancellationToken stoppingToken)
    {
        var stored = new Dictionary<int, IReadOnlyList<Guid>>();
        foreach (var tapId in fleet.TapIds)
        {
            stored[tapId] = await beers.ListAsync(tapId, stoppingToken);
        }

        return stored;
    }

    [LoggerMessage(LogLevel.Information, "The taps have stopped pouring; {Count} pours have no receipt yet.")]
    private partial void LogDraining(int count);

    [LoggerMessage(LogLevel.Error, "The run could not be verified.")]
    private partial void LogFailed(Exception exception);
}
