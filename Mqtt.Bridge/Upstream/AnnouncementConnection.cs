using MQTTnet;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Upstream;

/// <summary>A connection to the broker for announcements only. The broker keeps no session for it.</summary>
/// <param name="address">The broker.</param>
/// <param name="options">How to connect, and how long each call may take.</param>
/// <param name="time">The clock.</param>
internal sealed class AnnouncementConnection(UpstreamAddress address, UpstreamOptions options, TimeProvider time) : IDisposable
{
    // One for all bridges of a Taproom: who leads next takes it over, and the will of the one before cannot come later.
    private const string ClientId = "taproom-home-assistant";

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    // Not disposed: the client reports a disconnect on its own thread, perhaps after this object is disposed.
    private readonly CancellationTokenSource _lost = new();

    /// <summary>A Home Assistant has started: its birth message has come.</summary>
    public event Action? Born;

    /// <summary>Cancelled when the connection is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why it was lost.</summary>
    public string LossReason { get; private set; } = "the broker closed it";

    /// <summary>Connects; when the connection is lost, the broker publishes the will.</summary>
    /// <param name="willTopic">The topic of the retained will, <c>offline</c>; null for none.</param>
    /// <param name="birthTopic">The topic of the birth message; null for none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">The broker refused the connection or the subscription.</exception>
    public async Task OpenAsync(string? willTopic, string? birthTopic, CancellationToken cancellationToken)
    {
        var client = address.ToClientOptions(options);
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

        _client.DisconnectedAsync += _ => _lost.CancelAsync();
        _client.ApplicationMessageReceivedAsync += message =>
        {
            Hear(message.ApplicationMessage);
            return Task.CompletedTask;
        };
        var connected = await InTimeAsync(token => _client.ConnectAsync(client, token), cancellationToken);
        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The broker refused the connection: {connected.ResultCode}.");
        }

        if (birthTopic is null)
        {
            return;
        }

        var subscribed = await InTimeAsync(
            token => _client.SubscribeAsync(birthTopic, MqttQualityOfServiceLevel.AtLeastOnce, token),
            cancellationToken
        );
        if (subscribed.Items.Single().ResultCode is > MqttClientSubscribeResultCode.GrantedQoS2 and var refused)
        {
            throw new InvalidOperationException($"The broker refused the subscription to {birthTopic}: {refused}.");
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
        var answer = (await InTimeAsync(token => _client.PublishAsync(message, token), cancellationToken)).ReasonCode;
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
    public async Task CloseAsync()
    {
        if (!_client.IsConnected)
        {
            return;
        }

        var farewell = new MqttClientDisconnectOptionsBuilder().WithReason(MqttClientDisconnectOptionsReason.DisconnectWithWillMessage).Build();
        using var timeout = new CancellationTokenSource(options.UpstreamTimeout, time);
        await _client.DisconnectAsync(farewell, timeout.Token);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _client.Dispose();
        _lost.Cancel();
    }

    private void Hear(MqttApplicationMessage message)
    {
        // A retained one tells of a start that may be long ago; all was published after it anyway.
        if (message is { Retain: false } && message.ConvertPayloadToString() == "online")
        {
            Born?.Invoke();
        }
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.UpstreamTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token, Lost);
        return await call(either.Token);
    }
}
