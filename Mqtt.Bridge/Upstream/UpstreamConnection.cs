using MQTTnet;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Upstream;

/// <summary>One connection to the broker.</summary>
internal sealed class UpstreamConnection : IDisposable
{
    /// <summary>Most messages to the broker that may be unacknowledged; fewer where the broker says so.</summary>
    private const int MaxPublishing = 64;

    private static readonly string[] Shared = ["taps/+/pours", "taps/+/readings", "taps/+/events"];

    private readonly UpstreamOptions _options;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    // Not disposed: the client reports a disconnect on its own thread, perhaps after this object is disposed.
    private readonly CancellationTokenSource _lost = new();
    private SemaphoreSlim _publishing = new(MaxPublishing);

    public UpstreamConnection(UpstreamOptions options)
    {
        _options = options;
        _client.DisconnectedAsync += LoseAsync;
    }

    /// <summary>Called with each message, one at a time.</summary>
    public event Func<MqttApplicationMessageReceivedEventArgs, Task> Received
    {
        add => _client.ApplicationMessageReceivedAsync += value;
        remove => _client.ApplicationMessageReceivedAsync -= value;
    }

    /// <summary>Cancelled when the connection is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why the connection was lost, in a few words.</summary>
    public string LossReason { get; private set; } = "a message could not be acknowledged";

    /// <summary>
    /// Connects to the session that the broker keeps, and subscribes to the topics of taps. Their reports are shared among the bridges;
    /// every bridge gets their status.
    /// </summary>
    /// <exception cref="InvalidOperationException">The broker refused the connection or a subscription.</exception>
    public async Task OpenAsync(MqttClientOptions client, CancellationToken cancellationToken)
    {
        var connected = await _client.ConnectAsync(client, cancellationToken);
        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The broker refused the connection: {connected.ResultCode}.");
        }

        // A broker ends the connection when more messages are unacknowledged than it allows (MQTT 5, section 3.3.4).
        _publishing = new SemaphoreSlim(connected.ReceiveMaximum is { } most and > 0 ? Math.Min((int)most, MaxPublishing) : MaxPublishing);
        var share = _options.UpstreamShare.Length > 0 ? $"$share/{_options.UpstreamShare}/" : "";
        var topics = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(UpstreamStatus.Topic, MqttQualityOfServiceLevel.AtLeastOnce);
        foreach (var topic in Shared)
        {
            topics.WithTopicFilter(filter => filter.WithTopic(share + topic).WithAtLeastOnceQoS().WithRetainAsPublished());
        }

        var subscribed = await _client.SubscribeAsync(topics.Build(), cancellationToken);
        if (subscribed.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
        {
            throw new InvalidOperationException($"The broker refused the subscription to {refused.TopicFilter.Topic}: {refused.ResultCode}.");
        }
    }

    /// <summary>Publishes a message; with QoS 1 it waits for the answer of the broker.</summary>
    /// <returns>What the broker says to it.</returns>
    public async Task<MqttClientPublishReasonCode> PublishAsync(
        string topic,
        byte[] payload,
        MqttQualityOfServiceLevel qos,
        CancellationToken cancellationToken
    )
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
                cancellationToken
            );
            return published.ReasonCode;
        }
        finally
        {
            window.Release();
        }
    }

    /// <summary>Disconnects; the broker keeps the session.</summary>
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
}
