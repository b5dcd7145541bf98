using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Taproom.Simulator;

/// <summary>One connection of a tap to the bridge, with a subscription to the tap's receipts.</summary>
internal sealed class TapConnection : IDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    // Never disposed: the client tells of the disconnect on a thread of its own, perhaps after all of this.
    private readonly CancellationTokenSource _lost = new();

    private TapConnection()
    {
    }

    /// <summary>Cancelled when the connection is lost; a tap that has nothing to send learns of it only so.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Connects and subscribes.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="token">Its token; empty where the bridge asks for none.</param>
    /// <param name="bridge">Where to.</param>
    /// <param name="version">Version of MQTT.</param>
    /// <param name="received">Called with the ids of each receipt.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="NotAuthorizedException">The bridge did not take the token.</exception>
    /// <exception cref="InvalidOperationException">The bridge refused the connection or the subscription.</exception>
    public static async Task<TapConnection> OpenAsync(
        TapIdentity tap,
        string token,
        BridgeAddress bridge,
        MqttProtocolVersion version,
        Action<IReadOnlyList<Guid>> received,
        CancellationToken cancellationToken)
    {
        var connection = new TapConnection();
        try
        {
            await connection.ConnectAsync(tap, token, bridge, version, received, cancellationToken);
            return connection;
        }
        catch
        {
            connection._client.Dispose();
            throw;
        }
    }

    /// <summary>Publishes a message with QoS 1 and waits for its PUBACK.</summary>
    public Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message, CancellationToken cancellationToken) =>
        _client.PublishAsync(message, cancellationToken);

    /// <summary>Breaks off without a farewell, as when a cable is pulled.</summary>
    public void Drop()
    {
        _client.Dispose();
        _lost.Cancel();
    }

    /// <summary>Takes leave of the bridge, where there is still a connection.</summary>
    public async Task CloseAsync()
    {
        if (!_lost.IsCancellationRequested && _client.IsConnected)
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), CancellationToken.None);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private async Task ConnectAsync(
        TapIdentity tap,
        string token,
        BridgeAddress bridge,
        MqttProtocolVersion version,
        Action<IReadOnlyList<Guid>> received,
        CancellationToken cancellationToken)
    {
        _client.DisconnectedAsync += _ => _lost.CancelAsync();
        _client.ApplicationMessageReceivedAsync += message =>
        {
            if (message.ApplicationMessage.Topic == tap.Topic("receipts"))
            {
                received(ReadReceipt(message.ApplicationMessage));
            }

            return Task.CompletedTask;
        };
        var connected = await _client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithTcpServer(bridge.Host, bridge.Port)
                .WithTlsOptions(tls => tls.UseTls(false))
                .WithProtocolVersion(version)
                .WithClientId(tap.ClientId)
                .WithCredentials(tap.Name, token)
                .WithWillTopic(tap.Topic("status"))
                .WithWillPayload(Encoding.UTF8.GetBytes("offline"))
                .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .WithWillRetain()
                .WithCleanStart()
                .WithKeepAlivePeriod(TimeSpan.FromSeconds(15))
                .Build(),
            cancellationToken);
        if (connected.ResultCode is MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.BadUserNameOrPassword)
        {
            throw new NotAuthorizedException($"The bridge does not know the token of tap {tap.Name}.");
        }

        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The bridge refused the connection: {connected.ResultCode}.");
        }

        var subscribed = await _client.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder()
                .WithTopicFilter(tap.Topic("receipts"), MqttQualityOfServiceLevel.AtLeastOnce)
                .Build(),
            cancellationToken);
        if (subscribed.Items.Single().ResultCode > MqttClientSubscribeResultCode.GrantedQoS2)
        {
            throw new InvalidOperationException($"The bridge gives no receipts: {subscribed.Items.Single().ResultCode}.");
        }

        await PublishAsync(Status(tap, "online"), cancellationToken);
    }

    private static MqttApplicationMessage Status(TapIdentity tap, string status) => new MqttApplicationMessageBuilder()
        .WithTopic(tap.Topic("status"))
        .WithPayload(status)
        .WithRetainFlag()
        .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
        .Build();

    private static List<Guid> ReadReceipt(MqttApplicationMessage message)
    {
        using var json = JsonDocument.Parse(message.Payload);
        return [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetGuid())];
    }
}

/// <summary>The bridge did not take a tap's token.</summary>
internal sealed class NotAuthorizedException(string message) : Exception(message);
