using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Listener;
using Taproom.Signals;
using Taproom.Taps;

namespace Mqtt.Bridge.Upstream;

/// <summary>Brings commands to the taps at the broker: at once to one that is online there, else when it says that it is.</summary>
/// <remarks>
/// A command goes when the broker has it for a subscriber; from then on the broker brings it. One that nobody there subscribes to
/// waits for the tap's next status.
/// </remarks>
internal sealed partial class UpstreamCommands(
    TapCommands commands,
    UpstreamTaps taps,
    UpstreamOutbox outbox,
    IOptions<UpstreamOptions> options,
    TimeProvider time,
    ILogger<UpstreamCommands> logger
) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(options.Value.Upstream))
        {
            return;
        }

        await time.UntilSubscribedAsync(() => commands.SubscribeAsync(taps.CommandsFor), LogFailed, stoppingToken);
        await foreach (var tapId in taps.Due.ReadAllAsync(stoppingToken))
        {
            if (taps.Has(tapId))
            {
                await SendAsync(tapId, stoppingToken);
            }
        }
    }

    private async Task SendAsync(int tapId, CancellationToken stoppingToken)
    {
        var topic = string.Create(CultureInfo.InvariantCulture, $"taps/{tapId}/{CommandRelay.ChannelName}");
        try
        {
            foreach (var command in await commands.WaitingAsync(tapId))
            {
                if (!await outbox.PublishAsync(topic, Encoding.UTF8.GetBytes(command), stoppingToken))
                {
                    return;
                }

                await commands.DoneAsync(tapId, command);
            }
        }
        catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
        {
            // They wait in Redis, for the tap's next status at the latest.
            LogFailed(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Commands wait: {Message}")]
    private partial void LogFailed(string message);
}
