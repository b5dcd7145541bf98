using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Connections;
using Mqtt.Bridge.Intake;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>The MQTT front door: an MQTT 3.1.1 and 5.0 listener that hands every message of a tap to the intake.</summary>
/// <remarks>
/// One message of a connection is in work at a time, and its acknowledgement leaves after the intake has answered: a slow or
/// absent Redis slows the taps down, connection by connection. Reports of taps go to the stream only, never to other clients.
/// </remarks>
internal sealed partial class MqttListener : IHostedService, IHealthCheck
{
    /// <summary>The server sends acknowledgements from a queue that cannot be awaited; this long it has to empty it.</summary>
    private static readonly TimeSpan AcknowledgementGrace = TimeSpan.FromMilliseconds(100);

    /// <summary>Sender of what the bridge itself publishes.</summary>
    public const string SenderId = "taproom";

    private readonly MqttServer _server;
    private readonly MessageIntake _intake;
    private readonly ConnectedTaps _taps;
    private readonly MqttListenerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public MqttListener(
        MqttServer server,
        TcpFrontDoor frontDoor,
        Admission admission,
        Attendance attendance,
        Reception reception,
        MessageIntake intake,
        ConnectedTaps taps,
        IOptions<MqttListenerOptions> options,
        TimeProvider time,
        ILogger<MqttListener> logger
    )
    {
        (_server, _intake, _taps, _options, _time, _logger) = (server, intake, taps, options.Value, time, logger);
        _server.ValidatingConnectionAsync += admission.AdmitAsync;
        _server.InterceptingSubscriptionAsync += Admission.LimitAsync;
        _server.ClientUnsubscribedTopicAsync += Admission.ForgetAsync;
        _server.ClientConnectedAsync += attendance.EnterAsync;
        frontDoor.Ended += attendance.LeaveAsync;
        _server.InterceptingPublishAsync += reception.TakeAsync;
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
            var ports = _options.HasTls ? $"ports {_options.Port} and {_options.TlsPort}" : $"port {_options.Port}";
            throw new InvalidOperationException($"The MQTT listener cannot have {ports}: {ex.Message}.", ex);
        }

        LogListening(_options.Port);
        if (_options.HasTls)
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
            await _server.StopAsync(
                new MqttServerStopOptionsBuilder()
                    .WithDefaultClientDisconnectOptions(client => client.WithReasonCode(MqttDisconnectReasonCode.ServerShuttingDown))
                    .Build()
            );
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
        string topic,
        byte[] payload,
        MqttQualityOfServiceLevel qos,
        CancellationToken cancellationToken,
        string senderId = SenderId
    )
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithContentType("application/json")
            .WithQualityOfServiceLevel(qos)
            .Build();
        return _server.InjectApplicationMessage(new InjectedMqttApplicationMessage(message) { SenderClientId = senderId }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_server.IsStarted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The MQTT listener is not started."));

    /// <summary>A tap is not told of its own pours.</summary>
    private Task LeaveOutAsync(InterceptingClientApplicationMessageEnqueueEventArgs enqueue)
    {
        if (
            enqueue.ApplicationMessage.Topic == PourNotice.Topic
            && _taps.Find(enqueue.ReceiverClientId) is { TapId: { } tapId }
            && enqueue.SenderClientId == PourNotice.SenderOf(tapId)
        )
        {
            enqueue.AcceptEnqueue = false;
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "Listening for MQTT on port {Port}.")]
    private partial void LogListening(int port);

    [LoggerMessage(LogLevel.Information, "Listening for MQTT over TLS on port {Port}.")]
    private partial void LogListeningTls(int port);

    [LoggerMessage(LogLevel.Information, "The MQTT listener is closed.")]
    private partial void LogStopped();
}
