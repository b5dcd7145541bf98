using Microsoft.Extensions.Options;
using Tap.Simulator.Taps;

namespace Tap.Simulator.Verify;

/// <summary>Lets the taps pour for a while, waits for their receipts, compares with the API, prints the verdict and ends the process.</summary>
/// <remarks>The process ends with 0 when no pour is lost and none is duplicated, else with 1.</remarks>
internal sealed partial class VerifiedRun(
    TapFleet fleet,
    PourLedger ledger,
    IHttpClientFactory clients,
    IHostApplicationLifetime lifetime,
    IOptions<VerifyOptions> options,
    TimeProvider time,
    ILogger<VerifiedRun> logger
) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly VerifyOptions _options = options.Value;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not good until proven, however it ends.
        Environment.ExitCode = 1;
        try
        {
            var verdict = await RunAsync(stoppingToken);
            foreach (var line in verdict.ToLines())
            {
                Console.WriteLine(line);
            }

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
        using var http = clients.CreateClient(ApiAddress.Client);
        var beers = new StoredBeers(http);
        // What an earlier run has left in the journals is owed too.
        foreach (var (tapId, pour) in fleet.Owed)
        {
            ledger.Poured(tapId, pour.Id);
        }

        var before = (await ListAsync(beers, stoppingToken)).SelectMany(tap => tap.Value).ToHashSet();
        await Task.Delay(_options.Duration, time, stoppingToken);
        await fleet.CloseAsync();
        LogDraining(fleet.Owed.Count);

        var closedAt = time.GetTimestamp();
        while (fleet.Owed.Count > 0 && time.GetElapsedTime(closedAt) < _options.Patience)
        {
            await Task.Delay(RetryDelay, time, stoppingToken);
        }

        while (true)
        {
            var verdict = Verdict.Of(ledger.AllPoured, ledger.AllRefused, before, await ListAsync(beers, stoppingToken));
            if (verdict.Lost.Count == 0 || time.GetElapsedTime(closedAt) >= _options.Patience)
            {
                return verdict;
            }

            // Without receipts, what was taken in may still be on its way.
            await Task.Delay(RetryDelay, time, stoppingToken);
        }
    }

    private async Task<Dictionary<int, IReadOnlyList<Guid>>> ListAsync(StoredBeers beers, CancellationToken stoppingToken)
    {
        var stored = new Dictionary<int, IReadOnlyList<Guid>>();
        foreach (var tapId in fleet.TapIds)
        {
            stored[tapId] = await ListAsync(beers, tapId, stoppingToken);
        }

        return stored;
    }

    private async Task<IReadOnlyList<Guid>> ListAsync(StoredBeers beers, int tapId, CancellationToken stoppingToken)
    {
        var startedAt = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await beers.ListAsync(tapId, stoppingToken);
            }
            catch (HttpRequestException ex) when (time.GetElapsedTime(startedAt) < _options.Patience)
            {
                LogNoAnswer(ex.Message);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "The taps pour no more; {Count} pours have no receipt yet.")]
    private partial void LogDraining(int count);

    [LoggerMessage(LogLevel.Warning, "The API does not answer yet: {Message}")]
    private partial void LogNoAnswer(string message);

    [LoggerMessage(LogLevel.Error, "The run could not be verified.")]
    private partial void LogFailed(Exception exception);
}
