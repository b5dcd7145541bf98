using System.Threading.Channels;
using Taproom.Signals;

namespace Mqtt.Bridge.Outbound;

/// <summary>Brings commands to the taps, <c>taps/{tapId}/commands</c>: at once to a tap that listens, else as soon as it does.</summary>
/// <remarks>
/// A command leaves Redis when the tap's PUBACK comes, so the tap must subscribe with QoS 1; until then it comes again with every
/// subscription. At an upstream broker it leaves when the broker has it for a subscriber.
/// </remarks>
internal sealed partial class CommandRelay(TapCommands commands, IEnumerable<ITapPublisher> publishers, ILogger<CommandRelay> logger)
    : BackgroundService
{
    /// <summary>What is to be done about commands; of a tap that is dropped here, they wait until it is ready again.</summary>
    private const int MaxDue = 100_000;

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(publishers.Select(publisher => RelayAsync(publisher, stoppingToken)));

    private async Task RelayAsync(ITapPublisher publisher, CancellationToken stoppingToken)
    {
        var due = Channel.CreateBounded<(int TapId, bool IsReady, string? Taken)>(
            new BoundedChannelOptions(MaxDue) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
        );
        publisher.Ready += tapId => due.Writer.TryWrite((tapId, true, null));
        publisher.CommandTaken += (tapId, command) => due.Writer.TryWrite((tapId, false, command));
        await commands.SubscribeAsync(tapId => due.Writer.TryWrite((tapId, false, null)), stoppingToken);

        // Those that were sent this way and not taken yet. What is taken leaves Redis here too, one after the other: a list of what waits,
        // read before that, would have it sent again.
        var sent = new HashSet<(int TapId, string Command)>();
        await foreach (var (tapId, isReady, taken) in due.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (taken is not null)
                {
                    await commands.DoneAsync(tapId, taken);
                }

                sent.RemoveWhere(command => command.TapId == tapId && (isReady || command.Command == taken));
                await SendAsync(publisher, sent, tapId, stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // They stay in Redis, and are sent when the tap is ready again.
                LogFailed(tapId, ex.Message);
                sent.RemoveWhere(command => command.TapId == tapId);
            }
        }
    }

    private async Task SendAsync(ITapPublisher publisher, HashSet<(int, string)> sent, int tapId, CancellationToken cancellationToken)
    {
        if (!publisher.Reaches(tapId))
        {
            return;
        }

        foreach (var command in await commands.WaitingAsync(tapId))
        {
            if (sent.Add((tapId, command)) && !await publisher.SendCommandAsync(tapId, command, cancellationToken))
            {
                sent.Remove((tapId, command));
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Commands for tap {TapId} wait: {Message}")]
    private partial void LogFailed(int tapId, string message);
}
