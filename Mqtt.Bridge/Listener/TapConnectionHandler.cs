using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>Hands the connections that Kestrel accepts, over TCP, TLS and WebSocket, to the MQTT server.</summary>
/// <remarks>In place of MQTTnet.AspNetCore's own handler, which has no room for the rules of <see cref="TapConnection"/>.</remarks>
internal sealed class TapConnectionHandler(
    MessageIntake intake,
    RateLimit rate,
    BridgeMetrics metrics,
    IOptions<IntakeOptions> intakeOptions,
    IOptions<MqttListenerOptions> options,
    TimeProvider time,
    ILogger<TapConnection> logger
) : ConnectionHandler, IMqttServerAdapter
{
    /// <inheritdoc />
    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>The connection of a client has ended, and the server has nothing more to say of it.</summary>
    public event Func<TapClient, Task>? Ended;

    /// <inheritdoc />
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        if (connection.Features.Get<ITransferFormatFeature>() is { } webSocket)
        {
            webSocket.ActiveFormat = TransferFormat.Binary;
        }

        using var tap = new TapConnection(connection, intakeOptions.Value.MaxPacketSize, options.Value, intake, rate, metrics, time, logger);
        try
        {
            await (ClientHandler?.Invoke(tap) ?? Task.CompletedTask);
        }
        finally
        {
            if (tap.Client is { } client)
            {
                await (Ended?.Invoke(client) ?? Task.CompletedTask);
            }
        }
    }

    /// <inheritdoc />
    public Task StartAsync(MqttServerOptions serverOptions, IMqttNetLogger serverLog) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose() { }
}
