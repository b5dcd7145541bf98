using System.Net.Sockets;
using Dashboard.Web.Board;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;

namespace Dashboard.Web.Feed;

/// <summary>Loads the board from Postgres, and keeps it equal to what is there, also where the stream's feed has missed something.</summary>
internal sealed partial class StoreFeed(
    StreamFeed stream,
    LiveBoard board,
    StreamTail tail,
    IServiceScopeFactory scopes,
    IOptions<DashboardOptions> options,
    TimeProvider time,
    ILogger<StoreFeed> logger
)
{
    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CatchUpCheck = TimeSpan.FromMilliseconds(20);

    // The connection of the stream's feed since which the board has the history.
    private int? _historyOf;

    /// <summary>Does so until it is cancelled.</summary>
    public async Task FollowAsync(CancellationToken stoppingToken)
    {
        _historyOf = null;
        // What is stored before the stream is read can only be told by Postgres, so it is asked after that.
        await stream.Connected.WaitAsync(StreamPatience, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await new RetryLoop(options.Value.MaxBackoff, Failed, time).RunAsync(ReconcileAsync, options.Value.ReconcileInterval, stoppingToken);
    }

    private void Failed(Exception exception, int failures, TimeSpan delay)
    {
        board.StoreIs(IsAway(exception) ? StoreState.Away : StoreState.Unreadable);
        LogReconcileFailed(exception, failures, delay);
    }

    /// <summary>One turn; without effect when the stream's feed is too far behind to tell what the totals hold.</summary>
    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        // A turn every few seconds would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var (listed, connection) = board.Read(() => (board.Entries.ListedIds, stream.Connections));
        var stored = await scope
            .ServiceProvider.GetRequiredService<StoredBoardQuery>()
            .ReadAsync(listed, () => IdsToCheckAsync(cancellationToken), withHistory: connection != _historyOf, cancellationToken);
        if (stored is null)
        {
            LogFeedBehind();
        }
        else
        {
            stream.Reconcile(stored);
            _historyOf = connection;
        }

        board.StoreIs(StoreState.Answers);
    }

    /// <summary>Whether Postgres cannot be reached, or cannot work now; else it has answered something that is not understood.</summary>
    private static bool IsAway(Exception exception) =>
        exception switch
        {
            PostgresException refusal => refusal.IsTransient || refusal.SqlState[..2] is "08" or "25" or "28" or "3D" or "53" or "57",
            NpgsqlException or TimeoutException or SocketException => true,
            _ => exception.InnerException is { } inner && IsAway(inner),
        };

    /// <summary>The ids that may be in totals that were just read: once the stream has been read to where it ended by then.</summary>
    private async Task<IReadOnlyList<Guid>?> IdsToCheckAsync(CancellationToken cancellationToken)
    {
        if (await EndOfStreamAsync() is { } ends)
        {
            var startedAt = time.GetTimestamp();
            while (!stream.HasRead(ends))
            {
                if (time.GetElapsedTime(startedAt) > CatchUpPatience)
                {
                    return null;
                }

                await Task.Delay(CatchUpCheck, time, cancellationToken);
            }
        }

        return board.Read(() => board.Taps.IdsToCheck);
    }

    private async Task<IReadOnlyList<StreamId>?> EndOfStreamAsync()
    {
        try
        {
            return await tail.EndsAsync();
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The stream's feed reports that; what it has read is all there is to compare.
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "Comparing the page with Postgres failed, the {Failures}. time in a row; next try in {Delay}.")]
    private partial void LogReconcileFailed(Exception exception, int failures, TimeSpan delay);

    [LoggerMessage(LogLevel.Warning, "The page is behind the stream; its counters are compared with Postgres once it has caught up.")]
    private partial void LogFeedBehind();
}
