using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Taproom.Bridge.Intake;

namespace Taproom.Bridge.Listener;

/// <summary>The MQTT front door: an MQTT 3.1.1 and 5.0 listener that hands every message of a tap to the intake.</summary>
/// <remarks>
/// One message of a connection is in work at a time, and its acknowledgement leaves after the intake has answered: a slow or
/// absent Redis slows the taps down, connection by connection. Messages of taps go to the stream only, never to other clients.
/// </remarks>
internal sealed partial class MqttListener : IHostedService, IHealthCheck, IDisposable
{
    /// <summary>The server sends acknowledgements from a queue that cannot be awaited; this long it has to empty it.</summary>
    private static readonly TimeSpan AcknowledgementGrace = TimeSpan.FromMilliseconds(100);

    private readonly MqttServer _server;
    private readonly MessageIntake _intake;
    private readonly Admission _admission;
    private readonly BridgeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly int _port;

    public MqttListener(
        MessageIntake intake,
        Admission admission,
        BridgeMetrics metrics,
        MqttServerLog serverLog,
        IOptions<MqttListenerOptions> options,
        TimeProvider time,
        ILogger<MqttListener> logger)
    {
        (_intake, _admission, _metrics, _time, _logger, _port) = (intake, admission, metrics, time, logger, options.Value.Port);
        var factory = new MqttServerFactory(serverLog);
        _server = factory.CreateMqttServer(factory.CreateServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointPort(_port)
            .WithConnectionBacklog(options.Value.ConnectionBacklog)
            .WithDefaultCommunicationTimeout(options.Value.CommunicationTimeout)
            .WithMaxPendingMessagesPerClient(options.Value.MaxPendingMessages)
            .Build());
        _server.ValidatingConnectionAsync += _admission.AdmitAsync;
        _server.InterceptingSubscriptionAsync += _admission.LimitAsync;
        _server.ClientConnectedAsync += ClientConnectedAsync;
        _server.ClientDisconnectedAsync += ClientDisconnectedAsync;
        _server.InterceptingPublishAsync += TakeAsync;
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
            throw new InvalidOperationException($"The MQTT listener cannot have port {_port}: {ex.Message}.", ex);
        }

        LogListening(_port);
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

    /// <summary>Sends a message to the clients that subscribe to it; QoS 1.</summary>
    /// <param name="topic">The topic name.</param>
    /// <param name="payload">JSON, UTF-8.</param>
    /// <param name="cancellationToken">Ends the wait for its queueing.</param>
    /// <exception cref="InvalidOperationException">The listener is not started, or stopped again.</exception>
    public Task PublishAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithContentType("application/json")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        return _server.InjectApplicationMessage(
            new InjectedMqttApplicationMessage(message) { SenderClientId = "taproom" }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_server.IsStarted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The MQTT listener is not started."));

    /// <inheritdoc />
    public void Dispose() => _server.Dispose();

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

        var answer = await _intake.TakeAsync(client, publish.ClientId, publish.ApplicationMessage, publish.CancellationToken);
        publish.Response.ReasonCode = answer.ReasonCode;
        publish.Response.ReasonString = answer.Reason;
    }

    private async Task ClientConnectedAsync(ClientConnectedEventArgs connection)
    {
        _metrics.ClientConnected();
        if (!_admission.OwnsSession(connection))
        {
            await _server.DisconnectClientAsync(
                connection.ClientId,
                new MqttServerClientDisconnectOptionsBuilder().WithReasonCode(MqttDisconnectReasonCode.NotAuthorized).Build());
        }
    }

    private Task ClientDisconnectedAsync(ClientDisconnectedEventArgs connection)
    {
        _metrics.ClientDisconnected();
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "Listening for MQTT on port {Port}.")]
    private partial void LogListening(int port);

    [LoggerMessage(LogLevel.Information, "The MQTT listener is closed.")]
    private partial void LogStopped();
}
