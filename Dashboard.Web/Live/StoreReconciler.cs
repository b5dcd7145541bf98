using Microsoft.Extensions.Options;
using OpenTelemetry;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Dashboard.Web.Live;

/// <summary>Loads the boards from Postgres, and keeps them equal to what is there, also where the feed has missed something.</summary>
internal sealed partial class StoreReconciler(
    LiveFeed feed,
    TapBoard board,
    EntryBoard entries,
    StreamTail tail,
    IServiceScopeFactory scopes,
    IOptions<DashboardOptions> options,
    TimeProvider time,
    ILogger<StoreReconciler> logger
) : BackgroundService
{
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CatchUpCheck = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReconcileAsync(stoppingToken);
                failures = 0;
                await Task.Delay(options.Value.ReconcileInterval, time, stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                board.StoreIs(up: false);
                var delay = Backoff.After(++failures, options.Value.MaxBackoff);
                LogReconcileFailed(ex, failures, delay);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    /// <summary>One turn.</summary>
    /// <returns>False when the feed is too far behind to tell what the totals hold.</returns>
    internal async Task<bool> ReconcileAsync(CancellationToken cancellationToken)
    {
        // A turn every few seconds would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        // Read first: by the time that the totals are read, the feed has seen all of it that came by the stream.
        var storedEntries = await scope.ServiceProvider.GetRequiredService<StoredEntriesQuery>().ReadAsync(entries.Shown(), cancellationToken);
        var stored = await scope
            .ServiceProvider.GetRequiredService<StoredBoardQuery>()
            .ReadAsync(() => IdsToCheckAsync(cancellationToken), withNewest: !board.IsLoaded, cancellationToken);
        board.StoreIs(up: true);
        if (stored is null)
        {
            LogFeedBehind();
            return false;
        }

        feed.Reconcile(stored);
        feed.Reconcile(storedEntries);
        return true;
    }

    /// <summary>The ids that may be in totals that were just read: once the feed has read what was in the stream by then.</summary>
    private async Task<IReadOnlyList<Guid>?> IdsToCheckAsync(CancellationToken cancellationToken)
    {
        if (await EndOfStreamAsync() is { } end)
        {
            var startedAt = time.GetTimestamp();
            while (feed.Position.CompareTo(end) < 0)
            {
                if (time.GetElapsedTime(startedAt) > CatchUpPatience)
                {
                    return null;
                }

                await Task.Delay(CatchUpCheck, time, cancellationToken);
            }
        }

        return board.IdsToCheck();
    }

    private async Task<StreamId?> EndOfStreamAsync()
    {
        try
        {
            return StreamId.Parse(await tail.EndAsync());
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The feed reports that; what it has read is all there is to compare.
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "Comparing the page with Postgres failed, the {Failures}. time in a row; next try in {Delay}.")]
    private partial void LogReconcileFailed(Exception exception, int failures, TimeSpan delay);

    [LoggerMessage(LogLevel.Warning, "The feed is behind the stream; the counters are compared with Postgres once it has caught up.")]
    private partial void LogFeedBehind();
}
