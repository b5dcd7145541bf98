using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Tap.Simulator.Journal;

namespace Tap.Simulator.Transports;

/// <summary>One connection of a tap over MQTT, with a subscription to the tap's receipts; receipts come with QoS 1.</summary>
internal sealed class MqttTapConnection(TapIdentity tap, MqttTransport transport) : ITapConnection
{
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(15);

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    // Never disposed: the client tells of the disconnect on a thread of its own, perhaps after all of this.
    private readonly CancellationTokenSource _lost = new();
    private SlowLine? _line;

    public CancellationToken Lost => _lost.Token;

    public async Task<Answer> SendAsync(Pour pour, CancellationToken cancellationToken)
    {
        using var activity = PublishTelemetry.StartPublish(pour, tap.Topic("pours"), tap.ClientId, transport.Bridge);
        var startedAt = transport.Time.GetTimestamp();
        try
        {
            var result = await _client.PublishAsync(Message(pour, activity), cancellationToken);
            transport.Metrics.Acknowledged(transport.Time.GetElapsedTime(startedAt));
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

    public Task SendBadAsync(byte[] payload, CancellationToken cancellationToken) =>
        _client.PublishAsync(Message("pours", payload).Build(), cancellationToken);

    public Task SendReadingAsync(TapReading reading, CancellationToken cancellationToken) =>
        _client.PublishAsync(Message("readings", reading.ToJson()).Build(), cancellationToken);

    public void StopReading(TimeSpan pause) => _line?.StopReading(pause);

    public void Drop()
    {
        Dispose();
        _lost.Cancel();
    }

    public async Task CloseAsync()
    {
        if (!_lost.IsCancellationRequested && _client.IsConnected)
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _line?.Dispose();
    }

    /// <summary>Connects and subscribes.</summary>
    /// <exception cref="NotAuthorizedException">The token is not accepted.</exception>
    /// <exception cref="InvalidOperationException">The connection or the subscription is refused.</exception>
    public async Task ConnectAsync(string token, Action<IReadOnlyList<Guid>> received, bool mayStopReading, CancellationToken cancellationToken)
    {
        if (mayStopReading)
        {
            _line = await SlowLine.OpenAsync(transport.Bridge.Host, transport.Bridge.Port, transport.Time, cancellationToken);
        }

        _client.DisconnectedAsync += _ => _lost.CancelAsync();
        _client.ApplicationMessageReceivedAsync += message =>
        {
            if (message.ApplicationMessage.Topic == tap.Topic("receipts"))
            {
                received(ReadReceipt(message.ApplicationMessage));
            }

            return Task.CompletedTask;
        };
        var connected = await _client.ConnectAsync(Options(token), cancellationToken);
        if (connected.ResultCode is MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.BadUserNameOrPassword)
        {
            throw new NotAuthorizedException(tap);
        }

        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The connection is refused: {connected.ResultCode}.");
        }

        var subscribed = await _client.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter(tap.Topic("receipts"), MqttQualityOfServiceLevel.AtLeastOnce).Build(),
            cancellationToken
        );
        if (subscribed.Items.Single().ResultCode > MqttClientSubscribeResultCode.GrantedQoS2)
        {
            throw new InvalidOperationException($"The subscription to receipts is refused: {subscribed.Items.Single().ResultCode}.");
        }

        await _client.PublishAsync(Message("status", "online"u8.ToArray()).WithRetainFlag().Build(), cancellationToken);
    }

    private MqttClientOptions Options(string token)
    {
        var (user, password) = transport.Bridge.User is { } account ? (account, transport.Bridge.Password ?? "") : (tap.Name, token);
        return new MqttClientOptionsBuilder()
            .WithTcpServer(_line?.Near.Address.ToString() ?? transport.Bridge.Host, _line?.Near.Port ?? transport.Bridge.Port)
            .WithTlsOptions(tls => tls.UseTls(transport.Bridge.UsesTls).WithTargetHost(transport.Bridge.Host))
            .WithProtocolVersion(transport.Version)
            .WithClientId(tap.ClientId)
            .WithCredentials(user, password)
            .WithWillTopic(tap.Topic("status"))
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
            { IsSuccess: true } => transport.Receipts ? AnswerKind.Accepted : AnswerKind.Stored,
            { ReasonCode: MqttClientPublishReasonCode.QuotaExceeded } => AnswerKind.Busy,
            _ => AnswerKind.Refused,
        };

    private MqttApplicationMessage Message(Pour pour, Activity? activity) =>
        transport.Version is MqttProtocolVersion.V500
            ? Message("pours", pour.ToJson()).WithContentType("application/json").WithTrace(activity).Build()
            // Here the payload is the only place for a trace.
            : Message("pours", (pour with { TraceParent = activity?.Id, TraceState = activity?.TraceStateString }).ToJson()).Build();

    private MqttApplicationMessageBuilder Message(string channel, byte[] payload) =>
        new MqttApplicationMessageBuilder().WithTopic(tap.Topic(channel)).WithPayload(payload).WithQualityOfServiceLevel(transport.Qos);

    private static List<Guid> ReadReceipt(MqttApplicationMessage message)
    {
        using var json = JsonDocument.Parse(message.Payload);
        return [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetGuid())];
    }
}
