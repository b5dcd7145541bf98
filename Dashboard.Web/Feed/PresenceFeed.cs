using Dashboard.Web.Board;
using Microsoft.Extensions.Options;
using Taproom;
using Taproom.Signals;

namespace Dashboard.Web.Feed;

/// <summary>Tells the board which taps are connected, and that nobody knows while Redis is away.</summary>
internal sealed partial class PresenceFeed(
    TapPresence presence,
    LiveBoard board,
    IOptions<DashboardOptions> options,
    TimeProvider time,
    ILogger<PresenceFeed> logger
)
{
    /// <summary>Does so until it is cancelled.</summary>
    public Task FollowAsync(CancellationToken stoppingToken)
    {
        var loop = new RetryLoop(options.Value.MaxBackoff, Failed, time);
        return loop.RunAsync(
            async cancellationToken =>
            {
                var connections = await presence.AllAsync();
                if (loop.Failures > 0)
                {
                    // The bridges could not repeat what they say either: what has expired meanwhile is no tap that has left.
                    await Task.Delay(TapPresence.Period, time, cancellationToken);
                    return;
                }

                ConnectionsAre(connections);
                await Task.Delay(options.Value.PresenceInterval, time, cancellationToken);
            },
            stoppingToken
        );
    }

    private void Failed(Exception exception, int failures, TimeSpan delay)
    {
        ConnectionsAre(null);
        LogReadFailed(exception.Message, failures, delay);
    }

    private void ConnectionsAre(IReadOnlyDictionary<int, bool>? connections) => board.Change(() => board.Taps.ConnectionsAre(connections));

    [LoggerMessage(LogLevel.Warning, "Which taps are connected is not known, the {Failures}. time in a row; next try in {Delay}: {Message}")]
    private partial void LogReadFailed(string message, int failures, TimeSpan delay);
}
