using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Tap.Simulator.Faults;
using Tap.Simulator.Taps;

namespace Tap.Simulator.Mqtt;

/// <summary>One connection of a tap over MQTT, with a subscription to the tap's receipts; pours go with QoS 1.</summary>
internal sealed class MqttTapConnection : ITapConnection
{
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(15);

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    // Never disposed: the client tells of the disconnect on a thread of its own, perhaps after all of this.
    private readonly CancellationTokenSource _lost = new();
    private readonly TapIdentity _tap;
    private readonly MqttDoor _door;
    private SlowLine? _line;

    private MqttTapConnection(TapIdentity tap, MqttDoor door) => (_tap, _door) = (tap, door);

    /// <inheritdoc />
    public CancellationToken Lost => _lost.Token;

    /// <summary>Connects and subscribes.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="token">Its token; empty where none is asked for.</param>
    /// <param name="door">Where to, and how.</param>
    /// <param name="received">Called with the ids of each receipt.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="NotAuthorizedException">The token is not taken.</exception>
    /// <exception cref="InvalidOperationException">The connection or the subscription is refused.</exception>
    public static async Task<MqttTapConnection> OpenAsync(
        TapIdentity tap,
        string token,
        MqttDoor door,
        Action<IReadOnlyList<Guid>> received,
        CancellationToken cancellationToken
    )
    {
        var connection = new MqttTapConnection(tap, door);
        try
        {
            await connection.ConnectAsync(token, received, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<Answer> SendAsync(PouredGlass pour, CancellationToken cancellationToken)
    {
        using var activity = PublishTelemetry.StartPublish(pour, _tap.Topic("pours"), _tap.ClientId, _door.Address);
        var startedAt = _door.Time.GetTimestamp();
        try
        {
            var result = await _client.PublishAsync(Message(pour, activity), cancellationToken);
            _door.Metrics.Acknowledged(_door.Time.GetElapsedTime(startedAt));
            if (!result.IsSuccess)
            {
                activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", result.ReasonCode.ToString());
            }

            return new Answer(Meaning(result), result.ReasonCode.ToString());
        }
        catch (Exception ex)
        {
            activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", ex.GetType().FullName);
            throw;
        }
    }

    /// <inheritdoc />
    public Task SendDamagedAsync(byte[] payload, CancellationToken cancellationToken) =>
        _client.PublishAsync(Message("pours", payload).Build(), cancellationToken);

    /// <inheritdoc />
    public void StopReading(TimeSpan pause) => _line?.StopReading(pause);

    /// <inheritdoc />
    public void Drop()
    {
        Dispose();
        _lost.Cancel();
    }

    /// <inheritdoc />
    public async Task CloseAsync()
    {
        if (!_lost.IsCancellationRequested && _client.IsConnected)
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), CancellationToken.None);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _client.Dispose();
        _line?.Dispose();
    }

    private async Task ConnectAsync(string token, Action<IReadOnlyList<Guid>> received, CancellationToken cancellationToken)
    {
        if (_door.SlowLines)
        {
            _line = await SlowLine.OpenAsync(_door.Address.Host, _door.Address.Port, _door.Time, cancellationToken);
        }

        _client.DisconnectedAsync += _ => _lost.CancelAsync();
        _client.ApplicationMessageReceivedAsync += message =>
        {
            if (message.ApplicationMessage.Topic == _tap.Topic("receipts"))
            {
                received(ReadReceipt(message.ApplicationMessage));
            }

            return Task.CompletedTask;
        };
        var connected = await _client.ConnectAsync(Options(token), cancellationToken);
        if (connected.ResultCode is MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.BadUserNameOrPassword)
        {
            throw new NotAuthorizedException($"The token of tap {_tap.Name} is not taken.");
        }

        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The connection is refused: {connected.ResultCode}.");
        }

        var subscribed = await _client.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter(_tap.Topic("receipts"), MqttQualityOfServiceLevel.AtLeastOnce).Build(),
            cancellationToken
        );
        if (subscribed.Items.Single().ResultCode > MqttClientSubscribeResultCode.GrantedQoS2)
        {
            throw new InvalidOperationException($"There are no receipts here: {subscribed.Items.Single().ResultCode}.");
        }

        await _client.PublishAsync(Message("status", "online"u8.ToArray()).WithRetainFlag().Build(), cancellationToken);
    }

    private MqttClientOptions Options(string token)
    {
        var (user, password) = _door.Address.Account ?? (_tap.Name, token);
        return new MqttClientOptionsBuilder()
            .WithTcpServer(_line?.Near.Address.ToString() ?? _door.Address.Host, _line?.Near.Port ?? _door.Address.Port)
            .WithTlsOptions(tls => tls.UseTls(_door.Address.Tls).WithTargetHost(_door.Address.Host))
            .WithProtocolVersion(_door.Version)
            .WithClientId(_tap.ClientId)
            .WithCredentials(user, password)
            .WithWillTopic(_tap.Topic("status"))
            .WithWillPayload(Encoding.UTF8.GetBytes("offline"))
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithWillRetain()
            .WithCleanStart()
            .WithKeepAlivePeriod(KeepAlivePeriod)
            .Build();
    }

    private AnswerKind Meaning(MqttClientPublishResult result) =>
        result switch
        {
            { IsSuccess: true } => _door.Receipts ? AnswerKind.Taken : AnswerKind.Stored,
            { ReasonCode: MqttClientPublishReasonCode.QuotaExceeded } => AnswerKind.Busy,
            _ => AnswerKind.Refused,
        };

    private MqttApplicationMessage Message(PouredGlass pour, Activity? activity) =>
        _door.Version is MqttProtocolVersion.V500
            ? Message("pours", pour.ToJson()).WithContentType("application/json").WithTrace(activity).Build()
            // Here the payload is the only place for a trace.
            : Message("pours", (pour with { TraceParent = activity?.Id, TraceState = activity?.TraceStateString }).ToJson()).Build();

    private MqttApplicationMessageBuilder Message(string channel, byte[] payload) =>
        new MqttApplicationMessageBuilder()
            .WithTopic(_tap.Topic(channel))
            .WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);

    private static List<Guid> ReadReceipt(MqttApplicationMessage message)
    {
        using var json = JsonDocument.Parse(message.Payload);
        return [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetGuid())];
    }
}
