using System.Buffers;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Taproom.Bridge.Intake;

namespace Taproom.Bridge.Listener;

/// <summary>The MQTT front door: an MQTT 3.1.1 and 5.0 listener that hands every message of a tap to the intake.</summary>
/// <remarks>
/// One message of a connection is in work at a time, and its acknowledgement leaves after the intake has answered: a slow or
/// absent Redis slows the taps down, connection by connection. Reports of taps go to the stream only, never to other clients.
/// </remarks>
internal sealed partial class MqttListener : IHostedService, IHealthCheck, IDisposable
{
    /// <summary>The server sends acknowledgements from a queue that cannot be awaited; this long it has to empty it.</summary>
    private static readonly TimeSpan AcknowledgementGrace = TimeSpan.FromMilliseconds(100);

    /// <summary>Sender of what the bridge itself publishes.</summary>
    public const string SenderId = "taproom";

    private readonly MqttServer _server;
    private readonly MessageIntake _intake;
    private readonly Admission _admission;
    private readonly ConnectedTaps _taps;
    private readonly PresenceKeeper _presence;
    private readonly BridgeMetrics _metrics;
    private readonly MqttListenerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public MqttListener(
        MessageIntake intake,
        Admission admission,
        ConnectedTaps taps,
        PresenceKeeper presence,
        BridgeMetrics metrics,
        MqttServerLog serverLog,
        IOptions<MqttListenerOptions> options,
        TimeProvider time,
        ILogger<MqttListener> logger)
    {
        (_intake, _admission, _taps, _presence) = (intake, admission, taps, presence);
        (_metrics, _options, _time, _logger) = (metrics, options.Value, time, logger);
        var factory = new MqttServerFactory(serverLog);
        _server = factory.CreateMqttServer(_options.ToServerOptions(factory.CreateServerOptionsBuilder()));
        _server.ValidatingConnectionAsync += _admission.AdmitAsync;
        _server.InterceptingSubscriptionAsync += _admission.LimitAsync;
        _server.ClientConnectedAsync += ClientConnectedAsync;
        _server.ClientDisconnectedAsync += ClientDisconnectedAsync;
        _server.InterceptingPublishAsync += TakeAsync;
        _server.InterceptingClientEnqueueAsync += LeaveOutAsync;
    }

    /// <summary>A client has subscribed.</summary>
    public event Func<ClientSubscribedTopicEventArgs, Task> Subscribed
    {
        add => _server.ClientSubscribedTopicAsync += value;
        remove => _server.ClientSubscribedTopicAsync -= value;
    }

    /// <summary>A client has acknowledged a message.</summary>
    public event Func<ClientAcknowledgedPublishPacketEventArgs, Task> Acknowledged
    {
        add => _server.ClientAcknowledgedPublishPacketAsync += value;
        remove => _server.ClientAcknowledgedPublishPacketAsync -= value;
    }

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _server.StartAsync();
        }
        catch (SocketException ex)
        {
            var ports = _options.TlsCertificate is null ? $"port {_options.Port}" : $"ports {_options.Port} and {_options.TlsPort}";
            throw new InvalidOperationException($"The MQTT listener cannot have {ports}: {ex.Message}.", ex);
        }

        LogListening(_options.Port);
        if (_options.TlsCertificate is not null)
        {
            LogListeningTls(_options.TlsPort);
        }
    }

    /// <summary>Takes no more connections, has what was read answered, then disconnects the clients (MQTT 5: reason 0x8B).</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _server.AcceptNewConnections = false;
        try
        {
            await _intake.CloseAsync(cancellationToken);
            await Task.Delay(AcknowledgementGrace, _time, cancellationToken);
        }
        finally
        {
            await _server.StopAsync(new MqttServerStopOptionsBuilder()
                .WithDefaultClientDisconnectOptions(client => client.WithReasonCode(MqttDisconnectReasonCode.ServerShuttingDown))
                .Build());
        }

        LogStopped();
    }

    /// <summary>Sends a message to the clients that subscribe to it.</summary>
    /// <param name="topic">The topic name.</param>
    /// <param name="payload">JSON, UTF-8.</param>
    /// <param name="qos">The highest quality of service that subscribers get.</param>
    /// <param name="cancellationToken">Ends the wait for its queueing.</param>
    /// <param name="senderId">In whose name.</param>
    /// <exception cref="InvalidOperationException">The listener is not started, or stopped again.</exception>
    public Task PublishAsync(
        string topic, byte[] payload, MqttQualityOfServiceLevel qos, CancellationToken cancellationToken, string senderId = SenderId) =>
        PublishAsync(
            new MqttApplicationMessageBuilder()
                .WithTopic(topic)
                .WithPayload(payload)
                .WithContentType("application/json")
                .WithQualityOfServiceLevel(qos)
                .Build(),
            senderId,
            cancellationToken);

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_server.IsStarted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The MQTT listener is not started."));

    /// <inheritdoc />
    public void Dispose() => _server.Dispose();

    private Task PublishAsync(MqttApplicationMessage message, string senderId, CancellationToken cancellationToken) =>
        _server.InjectApplicationMessage(new InjectedMqttApplicationMessage(message) { SenderClientId = senderId }, cancellationToken);

    private async Task TakeAsync(InterceptingPublishEventArgs publish)
    {
        if (TapClient.Of(publish.SessionItems) is not { } client)
        {
            // Our own message, on its way to a tap.
            return;
        }

        publish.ProcessPublish = false;
        if (string.IsNullOrEmpty(publish.ApplicationMessage.Topic))
        {
            // An unknown topic alias: the server has set the reason code.
            return;
        }

        if (!await KeepPaceAsync(client, publish))
        {
            publish.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
            publish.Response.ReasonString = "The tap sends too fast; send this again a little later.";
            return;
        }

        var submission = _intake.Judge(client, publish.ApplicationMessage);
        var answer = await _intake.TakeAsync(submission, publish.ClientId, publish.ApplicationMessage, publish.CancellationToken);
        publish.Response.ReasonCode = answer.ReasonCode;
        publish.Response.ReasonString = answer.Reason;
        if (answer.IsForListeners)
        {
            publish.ProcessPublish = true;
            publish.ApplicationMessage.Retain = true;
        }
    }

    /// <summary>Slows down a tap that sends too fast.</summary>
    /// <returns>False when the message is to be refused, which its sender can only learn over MQTT 5 with QoS 1 or 2.</returns>
    private async Task<bool> KeepPaceAsync(TapClient client, InterceptingPublishEventArgs publish)
    {
        var pace = _taps.PaceOf(client, publish.ClientId);
        if (client.Version is MqttProtocolVersion.V500
            && publish.ApplicationMessage.QualityOfServiceLevel is not MqttQualityOfServiceLevel.AtMostOnce)
        {
            if (pace.TryTake())
            {
                return true;
            }

            _metrics.Throttled();
            return false;
        }

        var wait = pace.Owe();
        if (wait > TimeSpan.Zero)
        {
            _metrics.Throttled();
            await Task.Delay(wait, _time, publish.CancellationToken);
        }

        return true;
    }

    /// <summary>A tap is not told of its own pours.</summary>
    private Task LeaveOutAsync(InterceptingClientApplicationMessageEnqueueEventArgs enqueue)
    {
        if (enqueue.ApplicationMessage.Topic == PourNotice.Topic
            && _taps.Find(enqueue.ReceiverClientId) is { TapId: { } tapId }
            && enqueue.SenderClientId == PourNotice.SenderOf(tapId))
        {
            enqueue.AcceptEnqueue = false;
        }

        return Task.CompletedTask;
    }

    private async Task ClientConnectedAsync(ClientConnectedEventArgs connection)
    {
        _metrics.ClientConnected();
        if (_admission.OwnerOf(connection) is not { } client)
        {
            await _server.DisconnectClientAsync(
                connection.ClientId,
                new MqttServerClientDisconnectOptionsBuilder().WithReasonCode(MqttDisconnectReasonCode.NotAuthorized).Build());
            return;
        }

        _taps.Enter(connection.ClientId, client);
        if (client.TapId is { } tapId)
        {
            await _presence.ArrivedAsync(tapId);
        }
    }

    private async Task ClientDisconnectedAsync(ClientDisconnectedEventArgs connection)
    {
        _metrics.ClientDisconnected();
        if (connection.DisconnectType is not MqttClientDisconnectType.Takeover && _taps.Leave(connection.ClientId) is { } tapId)
        {
            await _presence.LeftAsync(tapId);
            await SetOfflineAsync($"taps/{tapId}/status");
        }
    }

    /// <summary>A tap that said it is online, and went without a will, is offline all the same.</summary>
    private async Task SetOfflineAsync(string topic)
    {
        if (!_server.IsStarted
            || await _server.GetRetainedMessageAsync(topic) is not { } status
            || !status.Payload.ToArray().AsSpan().SequenceEqual(TapStatus.Online))
        {
            return;
        }

        await PublishAsync(
            new MqttApplicationMessageBuilder()
                .WithTopic(topic)
                .WithPayload(TapStatus.Offline)
                .WithRetainFlag()
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build(),
            SenderId,
            CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Information, "Listening for MQTT on port {Port}.")]
    private partial void LogListening(int port);

    [LoggerMessage(LogLevel.Information, "Listening for MQTT over TLS on port {Port}.")]
    private partial void LogListeningTls(int port);

    [LoggerMessage(LogLevel.Information, "The MQTT listener is closed.")]
    private partial void LogStopped();
}
