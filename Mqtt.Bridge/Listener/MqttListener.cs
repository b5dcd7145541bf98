using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>The MQTT 3.1.1 and 5.0 listener: opens the ports when the bridge starts, and answers what was read before it stops.</summary>
/// <remarks>
/// A tap has a bounded number of messages in work, and their acknowledgements leave after the intake has answered: a slow or absent
/// Redis slows the taps down, connection by connection. Reports of taps go to the stream only, never to other clients.
/// </remarks>
internal sealed partial class MqttListener(
    MqttServer server,
    KestrelListener kestrel,
    ServerEvents events,
    MessageIntake intake,
    IOptions<MqttListenerOptions> options,
    TimeProvider time,
    ILogger<MqttListener> logger
) : IHostedService, IHealthCheck
{
    /// <summary>The server sends acknowledgements from a queue that cannot be awaited; this long it has to empty it.</summary>
    private static readonly TimeSpan AcknowledgementGrace = TimeSpan.FromMilliseconds(100);

    private readonly MqttListenerOptions _options = options.Value;

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        events.Subscribe();
        await server.StartAsync();
        try
        {
            await kestrel.StartAsync(cancellationToken);
        }
        catch (IOException ex)
        {
            var ports = _options.HasTls ? $"ports {_options.Port} and {_options.TlsPort}" : $"port {_options.Port}";
            throw new InvalidOperationException($"The MQTT listener cannot have {ports}: {ex.Message}", ex);
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
        server.AcceptNewConnections = false;
        try
        {
            await intake.CloseAsync(cancellationToken);
            await Task.Delay(AcknowledgementGrace, time, cancellationToken);
        }
        finally
        {
            await server.StopAsync(
                new MqttServerStopOptionsBuilder()
                    .WithDefaultClientDisconnectOptions(client => client.WithReasonCode(MqttDisconnectReasonCode.ServerShuttingDown))
                    .Build()
            );
            await kestrel.StopAsync();
        }

        LogStopped();
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(server.IsStarted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The MQTT listener is not started."));

    [LoggerMessage(LogLevel.Information, "Listening for MQTT on port {Port}.")]
    private partial void LogListening(int port);

    [LoggerMessage(LogLevel.Information, "Listening for MQTT over TLS on port {Port}.")]
    private partial void LogListeningTls(int port);

    [LoggerMessage(LogLevel.Information, "The MQTT listener is closed.")]
    private partial void LogStopped();
}
