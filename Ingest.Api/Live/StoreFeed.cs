using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpenTelemetry;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Live;

/// <summary>Tells this replica's listeners of deletions, and the shares of the taps after every tenth stored beer.</summary>
internal sealed partial class StoreFeed(
    Receipts receipts,
    Deletions deletions,
    ShareReports reports,
    Listeners listeners,
    IServiceScopeFactory scopes,
    TimeProvider time,
    ILogger<StoreFeed> logger
) : BackgroundService
{
    /// <summary>However fast beers come, there is one report in this time.</summary>
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    // One is enough: a report covers whatever was stored before it.
    private readonly Channel<bool> _stored = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    private long? _reported;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Each is made once: were the first made again after the second has failed, listeners would hear of a deletion twice.
        var subscriptions = new Queue<Func<Task>>([
            () => deletions.SubscribeAsync(id => listeners.Tell(Topic.Beers, $"Beer {id} deleted from the collection")),
            () => receipts.SubscribeAsync(_ => _stored.Writer.TryWrite(true)),
        ]);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (subscriptions.TryPeek(out var subscribe))
                {
                    await subscribe();
                    subscriptions.Dequeue();
                }

                if (await ReportAsync(stoppingToken))
                {
                    await Task.Delay(ReportPeriod, time, stoppingToken);
                }

                await _stored.Reader.ReadAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(ex.Message);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    /// <summary>Tells the shares when another ten beers are stored.</summary>
    /// <returns>Whether it told them.</returns>
    internal async Task<bool> ReportAsync(CancellationToken cancellationToken)
    {
        // It counts after each batch, and would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var tens = await CountTensAsync(db, cancellationToken);
        var before = _reported ?? tens;
        _reported = tens;
        if (tens <= before)
        {
            return false;
        }

        var shares = await SharesReport.ReadAsync(db, cancellationToken);
        listeners.Tell(Topic.Beers, shares.ToJson());
        await reports.PublishAsync(shares);
        return true;
    }

    private static async Task<long> CountTensAsync(TaproomDb db, CancellationToken cancellationToken)
    {
        try
        {
            return await db.Taps.SumAsync(tap => tap.Pours, cancellationToken) / 10;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // Where no worker has made the schema yet, nothing is stored.
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Listeners get no reports at the moment: {Message}")]
    private partial void LogFailed(string message);
}
