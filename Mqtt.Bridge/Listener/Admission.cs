using Microsoft.Extensions.Options;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Taproom.Bridge.Intake;

namespace Taproom.Bridge.Listener;

/// <summary>Decides who may connect and what a client may subscribe to.</summary>
internal sealed partial class Admission(
    BridgeMetrics metrics, IOptions<MqttListenerOptions> options, ILogger<Admission> logger)
{
    private readonly MqttListenerOptions _options = options.Value;

    /// <summary>Lets a client in or refuses it (MQTT 5: reason 0x87, 3.1.1: return code 5).</summary>
    public Task AdmitAsync(ValidatingConnectionEventArgs connection)
    {
        if (!_options.AllowAnonymous)
        {
            connection.ReasonCode = MqttConnectReasonCode.NotAuthorized;
            metrics.ConnectionRefused();
            LogRefused(connection.RemoteEndPoint?.ToString());
            return Task.CompletedTask;
        }

        if (string.IsNullOrEmpty(connection.ClientId))
        {
            // MQTT 5 has the server name a client that has no name (section 3.1.3.1); on 3.1.1 such a client is refused.
            connection.AssignedClientIdentifier = $"taproom-{Guid.CreateVersion7():N}";
        }

        TapClient.For(connection.UserName, connection.ProtocolVersion).Own(connection.SessionItems);
        return Task.CompletedTask;
    }

    /// <summary>Whether the session that a new connection found is its own; a session outlives the connection that made it.</summary>
    /// <returns>False when another tap's client made it, and the connection must end before a packet is read.</returns>
    public bool OwnsSession(ClientConnectedEventArgs connection)
    {
        var client = TapClient.For(connection.UserName, connection.ProtocolVersion);
        if (TapClient.Of(connection.SessionItems)?.TapId != client.TapId)
        {
            metrics.ConnectionRefused();
            LogForeignSession(connection.RemoteEndPoint?.ToString());
            return false;
        }

        client.Own(connection.SessionItems);
        return true;
    }

    /// <summary>Refuses a subscription to anything but the client's own topics and the notices.</summary>
    public Task LimitAsync(InterceptingSubscriptionEventArgs subscription)
    {
        var client = TapClient.Of(subscription.SessionItems);
        if (client is null || client.MayListenTo(subscription.TopicFilter.Topic))
        {
            return Task.CompletedTask;
        }

        subscription.ProcessSubscription = false;
        // MQTT 3.1.1 knows one failure code only, 0x80 (section 3.9.3).
        subscription.Response.ReasonCode = client.Version == MqttProtocolVersion.V500
            ? MqttSubscribeReasonCode.NotAuthorized
            : MqttSubscribeReasonCode.UnspecifiedError;
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Debug, "Refused a connection from {RemoteEndPoint}: anonymous clients are not allowed.")]
    private partial void LogRefused(string? remoteEndPoint);

    [LoggerMessage(LogLevel.Warning, "Refused a connection from {RemoteEndPoint}: its client id has a session of another tap.")]
    private partial void LogForeignSession(string? remoteEndPoint);
}
