using System.Threading.Channels;
using Mqtt.Bridge.Intake;
using StackExchange.Redis;
using Taproom.Signals;
using Taproom.Taps;

namespace Mqtt.Bridge.Listener;

/// <summary>Ends the connections of taps whose token is not valid any more: it was taken away, or replaced and its grace is over.</summary>
/// <remarks>At once for a change that is heard; in case it is not, and for the end of a grace, every few seconds.</remarks>
internal sealed partial class TokenWatch(
    TapTokens tokens,
    ConnectedTaps taps,
    Attendance attendance,
    BridgeMetrics metrics,
    TimeProvider time,
    ILogger<TokenWatch> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // The tap whose token has changed; null for all.
    private readonly Channel<int?> _due = Channel.CreateBounded<int?>(
        new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            time.UntilSubscribedAsync(() => tokens.ListenAsync(changed => _due.Writer.TryWrite(changed)), LogNotChecked, stoppingToken),
            CheckAgainAsync(stoppingToken)
        );

    private async Task CheckAgainAsync(CancellationToken stoppingToken)
    {
        await using var timer = time.CreateTimer(_ => _due.Writer.TryWrite(null), null, TimeSpan.Zero, Period);
        await foreach (var tapId in _due.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await CheckAsync(tapId);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // Who is connected stays so until somebody can say no.
                LogNotChecked(ex.Message);
            }
        }
    }

    /// <summary>Ends the connections of a tap, or of all, whose token is not valid any more.</summary>
    internal async Task CheckAsync(int? tapId)
    {
        var clients = taps.WithToken(tapId);
        var verified = await tokens.VerifyAllAsync([.. clients.Select(client => (client.TapId, client.TokenHash))]);
        for (var n = 0; n < clients.Count; n++)
        {
            if (verified[n] is false)
            {
                LogExpelled(clients[n].TapId);
                metrics.ConnectionEnded("NotAuthorized");
                await attendance.ExpelAsync(clients[n].ClientId);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Ended a connection of tap {TapId}: its token is not valid any more.")]
    private partial void LogExpelled(int tapId);

    [LoggerMessage(LogLevel.Warning, "The tokens of connected taps cannot be checked: {Message}")]
    private partial void LogNotChecked(string message);
}
