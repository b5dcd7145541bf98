using Mqtt.Bridge.Outbound;
using MQTTnet;

namespace Mqtt.Bridge.Upstream;

/// <summary>One connection to the broker.</summary>
/// <param name="options">How long each call may take.</param>
/// <param name="time">The clock.</param>
internal sealed class UpstreamConnection(UpstreamOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Most messages to the broker that may be unacknowledged; fewer where the broker says so.</summary>
    private const int MaxPublishing = 64;

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    // Not disposed: the client reports a disconnect on its own thread, perhaps after this object is disposed.
    private readonly CancellationTokenSource _lost = new();
    private SemaphoreSlim _publishing = new(MaxPublishing);

    /// <summary>Called with each message, one at a time.</summary>
    public event Func<MqttApplicationMessageReceivedEventArgs, Task> Received
    {
        add => _client.ApplicationMessageReceivedAsync += value;
        remove => _client.ApplicationMessageReceivedAsync -= value;
    }

    /// <summary>Cancelled when the connection is lost, or given up.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why the connection was lost, in a few words.</summary>
    public string LossReason { get; private set; } = "a message could not be acknowledged";

    /// <summary>Connects, and subscribes. Only to be called once.</summary>
    /// <param name="client">How.</param>
    /// <param name="topics">To what; null for nothing.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">The broker refused the connection or a subscription.</exception>
    public async Task OpenAsync(MqttClientOptions client, MqttClientSubscribeOptions? topics, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.UpstreamTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        _client.DisconnectedAsync += LoseAsync;
        var connected = await _client.ConnectAsync(client, either.Token);
        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The broker refused the connection: {connected.ResultCode}.");
        }

        // A broker ends the connection when more messages are unacknowledged than it allows (MQTT 5, section 3.3.4).
        _publishing = new SemaphoreSlim(connected.ReceiveMaximum is { } most and > 0 ? Math.Min((int)most, MaxPublishing) : MaxPublishing);
        var subscribed = topics is null ? null : await _client.SubscribeAsync(topics, either.Token);
        if (subscribed?.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
        {
            throw new InvalidOperationException($"The broker refused the subscription to {refused.TopicFilter.Topic}: {refused.ResultCode}.");
        }
    }

    /// <summary>Publishes a message of QoS 0.</summary>
    public Task NotifyAsync(MqttApplicationMessage message, CancellationToken cancellationToken) => _client.PublishAsync(message, cancellationToken);

    /// <summary>Publishes a message of QoS 1, and waits for the answer of the broker.</summary>
    /// <returns>What the broker says to it.</returns>
    public async Task<MqttClientPublishReasonCode> PublishAsync(MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.UpstreamTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        await _publishing.WaitAsync(either.Token);
        try
        {
            return (await _client.PublishAsync(message, either.Token)).ReasonCode;
        }
        finally
        {
            _publishing.Release();
        }
    }

    /// <summary>Publishes a retained message, and waits for the answer; an empty one removes what is retained.</summary>
    /// <exception cref="InvalidOperationException">The broker refused it.</exception>
    public async Task RetainAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        var answer = await PublishAsync(OutboundMessage.Retained(topic, payload), cancellationToken);
        if (answer is not (MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers))
        {
            throw new InvalidOperationException($"The broker does not let this bridge publish to {topic}: {answer}.");
        }
    }

    /// <summary>Gives the connection up.</summary>
    public Task BreakAsync(string reason)
    {
        LossReason = reason;
        return _lost.CancelAsync();
    }

    /// <summary>Disconnects, where it is still connected. The broker keeps the session, if the client asked for one.</summary>
    /// <param name="reason">What the broker is told: it may publish the will.</param>
    public async Task CloseAsync(MqttClientDisconnectOptionsReason reason)
    {
        if (_client.IsConnected)
        {
            using var timeout = new CancellationTokenSource(options.UpstreamTimeout, time);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions { Reason = reason }, timeout.Token);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _client.Dispose();
        _lost.Cancel();
    }

    private Task LoseAsync(MqttClientDisconnectedEventArgs disconnect) =>
        BreakAsync(
            disconnect switch
            {
                { Reason: MqttClientDisconnectReason.SessionTakenOver } =>
                    $"another client has connected with the client id {_client.Options.ClientId}",
                { Exception: { } cause } => cause.Message,
                { Reason: MqttClientDisconnectReason.NormalDisconnection or MqttClientDisconnectReason.UnspecifiedError } =>
                    "the broker closed it and did not say why; perhaps another client has this client id",
                _ => disconnect.Reason.ToString(),
            }
        );
}
