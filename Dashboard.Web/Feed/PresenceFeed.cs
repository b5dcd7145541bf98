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
    public async Task FollowAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var connections = await presence.AllAsync();
                if (failures > 0)
                {
                    // The bridges could not repeat what they say either: what has expired meanwhile is no tap that has left.
                    failures = 0;
                    await Task.Delay(TapPresence.Period, time, stoppingToken);
                    continue;
                }

                ConnectionsAre(connections);
                await Task.Delay(options.Value.PresenceInterval, time, stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                ConnectionsAre(null);
                var delay = Backoff.After(++failures, options.Value.MaxBackoff);
                LogReadFailed(ex.Message, failures, delay);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    private void ConnectionsAre(IReadOnlyDictionary<int, bool>? connections) => board.Change(() => board.Taps.ConnectionsAre(connections));

    [LoggerMessage(LogLevel.Warning, "Which taps are connected is not known, the {Failures}. time in a row; next try in {Delay}: {Message}")]
    private partial void LogReadFailed(string message, int failures, TimeSpan delay);
}
