using StackExchange.Redis;
using Taproom.Signals;

namespace Mqtt.Bridge.Outbound;

/// <summary>
/// Tells everybody which taps this bridge reaches, and repeats it: a bridge that is killed cannot say that they are gone, but what it said
/// expires.
/// </summary>
internal sealed partial class PresenceRelay(
    IEnumerable<ITapPublisher> publishers,
    TapPresence presence,
    TimeProvider time,
    ILogger<PresenceRelay> logger
) : BackgroundService
{
    /// <summary>A tap has come or gone, and everybody was told.</summary>
    public event Action? Changed;

    /// <summary>A tap has come.</summary>
    public async Task ArrivedAsync(int tapId)
    {
        await TellAsync(() => presence.ConnectedAsync([tapId]));
        Changed?.Invoke();
    }

    /// <summary>A tap has gone.</summary>
    public async Task LeftAsync(int tapId)
    {
        await TellAsync(() => presence.DisconnectedAsync(tapId));
        Changed?.Invoke();
    }

    /// <summary>Tells of all of them.</summary>
    public Task RepeatAsync() => TellAsync(() => presence.ConnectedAsync(publishers.SelectMany(publisher => publisher.TapIds).Distinct()));

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TapPresence.Period, time);
        do
        {
            await TellAsync(presence.LivesAsync);
            await RepeatAsync();
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TellAsync(presence.LeavesAsync);
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
