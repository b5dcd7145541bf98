using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom.Bridge.Intake;
using Taproom.Bridge.Listener;

namespace Taproom.Bridge.Upstream;

/// <summary>One connection to the broker: hands its messages to the intake and acknowledges each after its append.</summary>
/// <remarks>Appends of several messages are under way at a time; acknowledgements leave in the order of the messages (MQTT 5, section 4.6).</remarks>
internal sealed partial class UpstreamConnection : IDisposable
{
    /// <summary>Messages to the broker under way at a time, where it allows more than these.</summary>
    private const int MaxPublishing = 64;

    /// <summary>Messages that wait for Redis, from which on one of QoS 0 is dropped. Of others the broker sends so many only.</summary>
    private const int MaxWaiting = 10_000;

    // Who may publish what is the broker's business.
    private static readonly TapClient Sender = new(null, MqttProtocolVersion.V500);
    private static readonly string[] Shared = ["taps/+/pours", "taps/+/readings", "taps/+/events"];

    private readonly MessageIntake _intake;
    private readonly RecentIds _taken;
    private readonly UpstreamStatus _status;
    private readonly UpstreamOptions _options;
    private readonly BridgeMetrics _metrics;
    private readonly ILogger _logger;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    // Never full: where the client's call waited for room, it could not tell of a lost connection.
    private readonly Channel<(MqttApplicationMessageReceivedEventArgs Message, Task Taken)> _work =
        Channel.CreateUnbounded<(MqttApplicationMessageReceivedEventArgs, Task)>();

    // Neither is disposed with the rest: the client tells of the disconnect on a thread of its own, perhaps after all of this.
    private readonly CancellationTokenSource _lost = new();
    private SemaphoreSlim _publishing = new(MaxPublishing);
    private bool _drops;

    public UpstreamConnection(
        MessageIntake intake, RecentIds taken, UpstreamStatus status, UpstreamOptions options, BridgeMetrics metrics, ILogger logger)
    {
        (_intake, _taken, _status, _options, _metrics, _logger) = (intake, taken, status, options, metrics, logger);
        _client.DisconnectedAsync += LoseAsync;
        _client.ApplicationMessageReceivedAsync += TakeAsync;
    }

    /// <summary>Cancelled when the connection is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why it was lost, in a few words.</summary>
    public string LossReason { get; private set; } = "a message could not be acknowledged";

    /// <summary>
    /// Connects to the session that the broker keeps, and subscribes to the topics of taps: to what they report shared with the other
    /// bridges, to their status alone.
    /// </summary>
    /// <exception cref="InvalidOperationException">The broker refused the connection or a subscription.</exception>
    public async Task OpenAsync(MqttClientOptions client, CancellationToken cancellationToken)
    {
        var connected = await _client.ConnectAsync(client, cancellationToken);
        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The broker refused the connection: {connected.ResultCode}.");
        }

        // More than a broker takes at a time ends the connection (MQTT 5, section 3.3.4).
        _publishing = new SemaphoreSlim(connected.ReceiveMaximum is { } most and > 0 ? Math.Min((int)most, MaxPublishing) : MaxPublishing);
        var share = _options.UpstreamShare.Length > 0 ? $"$share/{_options.UpstreamShare}/" : "";
        var topics = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(UpstreamStatus.Topic, MqttQualityOfServiceLevel.AtLeastOnce);
        foreach (var topic in Shared)
        {
            topics.WithTopicFilter(share + topic, MqttQualityOfServiceLevel.AtLeastOnce);
        }

        var subscribed = await _client.SubscribeAsync(topics.Build(), cancellationToken);
        if (subscribed.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
        {
            throw new InvalidOperationException($"The broker refused the subscription to {refused.TopicFilter.Topic}: {refused.ResultCode}.");
        }
    }

    /// <summary>Acknowledges what the intake has taken, until the connection is lost or closed.</summary>
    public async Task AcknowledgeAsync()
    {
        await foreach (var (message, taken) in _work.Reader.ReadAllAsync())
        {
            try
            {
                await taken;
                await message.AcknowledgeAsync(_lost.Token);
            }
            catch (OperationCanceledException) when (_lost.IsCancellationRequested)
            {
                // Not acknowledged: the broker sends it again.
            }
        }
    }

    /// <summary>Publishes a message; with QoS 1 the answer of the broker is waited for.</summary>
    /// <returns>What the broker says to it.</returns>
    public async Task<MqttClientPublishReasonCode> PublishAsync(
        string topic, byte[] payload, MqttQualityOfServiceLevel qos, CancellationToken cancellationToken)
    {
        var window = _publishing;
        await window.WaitAsync(cancellationToken);
        try
        {
            var published = await _client.PublishAsync(
                new MqttApplicationMessageBuilder()
                    .WithTopic(topic)
                    .WithPayload(payload)
                    .WithContentType("application/json")
                    .WithQualityOfServiceLevel(qos)
                    .Build(),
                cancellationToken);
            return published.ReasonCode;
        }
        finally
        {
            window.Release();
        }
    }

    /// <summary>Takes no more messages; what was taken is still acknowledged.</summary>
    public void StopTaking() => _work.Writer.TryComplete();

    /// <summary>Takes leave; the broker keeps the session.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (!_lost.IsCancellationRequested && _client.IsConnected)
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        StopTaking();
        _client.Dispose();
        _lost.Cancel();
    }

    private Task LoseAsync(MqttClientDisconnectedEventArgs disconnect)
    {
        LossReason = disconnect switch
        {
            { Reason: MqttClientDisconnectReason.SessionTakenOver } =>
                "another client has connected with this client id; each bridge needs a Mqtt:UpstreamClientId of its own",
            { Exception: { } cause } => cause.Message,
            { Reason: MqttClientDisconnectReason.NormalDisconnection or MqttClientDisconnectReason.UnspecifiedError } =>
                "the broker closed it and did not say why; perhaps another client has this client id",
            _ => disconnect.Reason.ToString(),
        };
        return _lost.CancelAsync();
    }

    private Task TakeAsync(MqttApplicationMessageReceivedEventArgs message)
    {
        message.AutoAcknowledge = false;
        if (message.ApplicationMessage.QualityOfServiceLevel is not MqttQualityOfServiceLevel.AtMostOnce || _work.Reader.Count < MaxWaiting)
        {
            _work.Writer.TryWrite((message, TakenAsync(message.ClientId, message.ApplicationMessage)));
            return Task.CompletedTask;
        }

        _metrics.Throttled();
        if (!_drops)
        {
            _drops = true;
            LogDropping(MaxWaiting);
        }

        return Task.CompletedTask;
    }

    /// <summary>Ends when the message is taken and may be acknowledged.</summary>
    private async Task TakenAsync(string clientId, MqttApplicationMessage message)
    {
        if (UpstreamStatus.IsStatus(message.Topic) && !await _status.HearAsync(message))
        {
            return;
        }

        var submission = _intake.Judge(Sender, message);
        // Before the append: the receipt may be here before the answer of Redis.
        _taken.Add(submission.Id);
        await _intake.TakeAsync(submission, clientId, message, _lost.Token);
    }

    [LoggerMessage(LogLevel.Warning, "{Count} messages wait to be stored; those of QoS 0 are dropped.")]
    private partial void LogDropping(int count);
}
