using Mqtt.Bridge.Upstream;
using StackExchange.Redis;
using Taproom.Signals;
using Taproom.Taps;

namespace Mqtt.Bridge.Listener;

/// <summary>
/// Tells everybody which taps this bridge has, and speaks for at an upstream broker, again and again, since it cannot tell them when
/// it is killed.
/// </summary>
internal sealed partial class PresenceKeeper(
    ConnectedTaps taps,
    UpstreamTaps upstream,
    TapPresence presence,
    TimeProvider time,
    ILogger<PresenceKeeper> logger
) : BackgroundService
{
    /// <summary>A tap has come.</summary>
    public Task ArrivedAsync(int tapId) => TellAsync(() => presence.ConnectedAsync([tapId]));

    /// <summary>A tap has gone.</summary>
    public Task LeftAsync(int tapId) => TellAsync(() => presence.DisconnectedAsync(tapId));

    /// <summary>Tells of all of them.</summary>
    public Task RepeatAsync() => TellAsync(() => presence.ConnectedAsync([.. taps.TapIds, .. upstream.TapIds]));

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TapPresence.Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            taps.Tidy();
            await RepeatAsync();
        }
    }

    private async Task TellAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // The next round says it again, or it expires.
            LogNotTold(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The presence of taps could not be told: {Message}")]
    private partial void LogNotTold(string message);
}
