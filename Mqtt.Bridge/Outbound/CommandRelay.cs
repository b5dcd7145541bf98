using System.Threading.Channels;
using StackExchange.Redis;
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
    /// <summary>Taps whose commands are due; of one that is dropped, they wait until the tap is ready again.</summary>
    private const int MaxDue = 100_000;

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(publishers.Select(publisher => RelayAsync(publisher, stoppingToken)));

    private async Task RelayAsync(ITapPublisher publisher, CancellationToken stoppingToken)
    {
        var due = Channel.CreateBounded<(int TapId, bool Again)>(
            new BoundedChannelOptions(MaxDue) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
        );
        var sent = new SentCommands();
        publisher.Ready += tapId => due.Writer.TryWrite((tapId, true));
        publisher.CommandTaken += async (tapId, command) =>
        {
            await TakenAsync(tapId, command);
            sent.Remove(tapId, command);
        };
        await commands.SubscribeAsync(tapId => due.Writer.TryWrite((tapId, false)), stoppingToken);
        await foreach (var (tapId, again) in due.Reader.ReadAllAsync(stoppingToken))
        {
            if (again)
            {
                sent.Remove(tapId);
            }

            await SendAsync(publisher, sent, tapId, stoppingToken);
        }
    }

    private async Task SendAsync(ITapPublisher publisher, SentCommands sent, int tapId, CancellationToken stoppingToken)
    {
        try
        {
            if (!publisher.Reaches(tapId))
            {
                return;
            }

            foreach (var command in await commands.WaitingAsync(tapId))
            {
                if (sent.Add(tapId, command) && !await publisher.SendCommandAsync(tapId, command, stoppingToken))
                {
                    sent.Remove(tapId);
                    return;
                }
            }
        }
        catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
        {
            // They stay in Redis, and are sent when the tap is ready again.
            LogFailed(tapId, ex.Message);
            sent.Remove(tapId);
        }
    }

    private async Task TakenAsync(int tapId, string command)
    {
        try
        {
            await commands.DoneAsync(tapId, command);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            LogFailed(tapId, ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Commands for tap {TapId} wait: {Message}")]
    private partial void LogFailed(int tapId, string message);

    /// <summary>The commands that were sent one way and are not taken yet. Safe for concurrent use.</summary>
    private sealed class SentCommands
    {
        private readonly HashSet<(int TapId, string Command)> _commands = [];

        public bool Add(int tapId, string command)
        {
            lock (_commands)
            {
                return _commands.Add((tapId, command));
            }
        }

        public void Remove(int tapId, string? command = null)
        {
            lock (_commands)
            {
                _commands.RemoveWhere(sent => sent.TapId == tapId && (command ?? sent.Command) == sent.Command);
            }
        }
    }
}
