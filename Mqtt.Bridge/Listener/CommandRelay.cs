using System.Buffers;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Mqtt.Bridge.Intake;
using MQTTnet.Protocol;
using MQTTnet.Server;
using StackExchange.Redis;
using Taproom.Signals;
using Taproom.Taps;

namespace Mqtt.Bridge.Listener;

/// <summary>Brings commands to the taps, <c>taps/{tapId}/commands</c>: at once to a tap that listens, else when it subscribes.</summary>
/// <remarks>A command goes when the tap's PUBACK comes, so the tap must subscribe with QoS 1; until then it comes with every subscription.</remarks>
internal sealed partial class CommandRelay(
    TapCommands commands,
    ConnectedTaps taps,
    MqttListener listener,
    TimeProvider time,
    ILogger<CommandRelay> logger
) : BackgroundService
{
    /// <summary>The channel of a tap on which it is told what to do.</summary>
    public const string ChannelName = "commands";

    private readonly Lock _gate = new();
    private readonly HashSet<(int TapId, string Command)> _sent = [];
    private readonly Channel<int> _due = Channel.CreateBounded<int>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        listener.Subscribed += SubscribedAsync;
        listener.Acknowledged += AcknowledgedAsync;
        try
        {
            await time.UntilSubscribedAsync(() => commands.SubscribeAsync(tapId => _due.Writer.TryWrite(tapId)), LogFailed, stoppingToken);
            await foreach (var tapId in _due.Reader.ReadAllAsync(stoppingToken))
            {
                await SendAsync(tapId, stoppingToken);
            }
        }
        finally
        {
            listener.Subscribed -= SubscribedAsync;
            listener.Acknowledged -= AcknowledgedAsync;
        }
    }

    private async Task SendAsync(int tapId, CancellationToken stoppingToken)
    {
        if (!taps.Has(tapId))
        {
            return;
        }

        try
        {
            foreach (var command in await commands.WaitingAsync(tapId))
            {
                if (Begin(tapId, command))
                {
                    await listener.PublishAsync(
                        string.Create(CultureInfo.InvariantCulture, $"taps/{tapId}/{ChannelName}"),
                        Encoding.UTF8.GetBytes(command),
                        MqttQualityOfServiceLevel.AtLeastOnce,
                        stoppingToken
                    );
                }
            }
        }
        catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
        {
            // They wait in Redis, for the tap's next subscription at the latest.
            LogFailed(ex.Message);
            Forget(tapId);
        }
    }

    private Task SubscribedAsync(ClientSubscribedTopicEventArgs subscription)
    {
        if (
            TapClient.Of(subscription.SessionItems) is { TapId: { } tapId }
            && subscription.TopicFilter.Topic is var filter
            && (filter == $"taps/{tapId}/{ChannelName}" || filter == $"taps/{tapId}/#" || filter == $"taps/{tapId}/+")
        )
        {
            Forget(tapId);
            _due.Writer.TryWrite(tapId);
        }

        return Task.CompletedTask;
    }

    private async Task AcknowledgedAsync(ClientAcknowledgedPublishPacketEventArgs acknowledgement)
    {
        if (!TapTopic.TryParse(acknowledgement.PublishPacket.Topic, out var topic) || topic.Channel != ChannelName)
        {
            return;
        }

        var command = Encoding.UTF8.GetString(acknowledgement.PublishPacket.Payload);
        try
        {
            await commands.DoneAsync(topic.TapId, command);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            LogFailed(ex.Message);
        }

        lock (_gate)
        {
            _sent.Remove((topic.TapId, command));
        }
    }

    private bool Begin(int tapId, string command)
    {
        lock (_gate)
        {
            return _sent.Add((tapId, command));
        }
    }

    private void Forget(int tapId)
    {
        lock (_gate)
        {
            _sent.RemoveWhere(sent => sent.TapId == tapId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Commands wait: {Message}")]
    private partial void LogFailed(string message);
}
