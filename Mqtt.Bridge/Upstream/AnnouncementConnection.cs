using MQTTnet;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Upstream;

/// <summary>A connection to the broker for announcements only. The broker keeps no session for it.</summary>
internal sealed class AnnouncementConnection : IDisposable
{
    // One for all bridges of a Taproom: who leads next takes it over, and the will of the one before cannot come later.
    private const string ClientId = "taproom-home-assistant";

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    // Not disposed: the client reports a disconnect on its own thread, perhaps after this object is disposed.
    private readonly CancellationTokenSource _lost = new();

    public AnnouncementConnection() => _client.DisconnectedAsync += _ => _lost.CancelAsync();

    /// <summary>A message of the topic that was subscribed to.</summary>
    public event Action<MqttApplicationMessage>? Received;

    /// <summary>Cancelled when the connection is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why it was lost.</summary>
    public string LossReason { get; private set; } = "the broker closed it";

    /// <summary>Connects; when the connection is lost, the broker publishes the will.</summary>
    /// <param name="client">How the bridge connects to the broker.</param>
    /// <param name="willTopic">The topic of the retained will, <c>offline</c>; null for none.</param>
    /// <param name="subscription">The topic to subscribe to; null for none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">The broker refused the connection or the subscription.</exception>
    public async Task OpenAsync(MqttClientOptions client, string? willTopic, string? subscription, CancellationToken cancellationToken)
    {
        client.ClientId = ClientId;
        client.CleanSession = true;
        client.SessionExpiryInterval = 0;
        if (willTopic is not null)
        {
            client.WillTopic = willTopic;
            client.WillPayload = "offline"u8.ToArray();
            client.WillQualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce;
            client.WillRetain = true;
        }

        _client.ApplicationMessageReceivedAsync += message =>
        {
            Received?.Invoke(message.ApplicationMessage);
            return Task.CompletedTask;
        };
        var connected = await _client.ConnectAsync(client, cancellationToken);
        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The broker refused the connection: {connected.ResultCode}.");
        }

        if (subscription is null)
        {
            return;
        }

        var subscribed = await _client.SubscribeAsync(subscription, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
        if (subscribed.Items.Single().ResultCode is > MqttClientSubscribeResultCode.GrantedQoS2 and var refused)
        {
            throw new InvalidOperationException($"The broker refused the subscription to {subscription}: {refused}.");
        }
    }

    /// <summary>Publishes a retained message, and waits for the answer.</summary>
    /// <exception cref="InvalidOperationException">The broker refused it.</exception>
    public async Task RetainAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithRetainFlag()
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        var answer = (await _client.PublishAsync(message, cancellationToken)).ReasonCode;
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

    /// <summary>Disconnects, and has the broker publish the will.</summary>
    public Task CloseAsync(CancellationToken cancellationToken)
    {
        var farewell = new MqttClientDisconnectOptionsBuilder().WithReason(MqttClientDisconnectOptionsReason.DisconnectWithWillMessage).Build();
        return _client.IsConnected ? _client.DisconnectAsync(farewell, cancellationToken) : Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _client.Dispose();
        _lost.Cancel();
    }
}
