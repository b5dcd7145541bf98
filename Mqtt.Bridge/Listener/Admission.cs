using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;
using StackExchange.Redis;
using Taproom.Taps;

namespace Mqtt.Bridge.Listener;

/// <summary>Decides who may connect and what a client may subscribe to.</summary>
internal sealed partial class Admission(
    TapTokens tokens,
    ConnectedTaps taps,
    RefusedAddresses refused,
    BridgeMetrics metrics,
    IOptions<MqttListenerOptions> options,
    ILogger<Admission> logger
)
{
    private readonly MqttListenerOptions _options = options.Value;

    /// <summary>Lets a client in or refuses it.</summary>
    public async Task AdmitAsync(ValidatingConnectionEventArgs connection)
    {
        connection.ReasonCode = await JudgeAsync(connection);
        if (connection.ReasonCode is not MqttConnectReasonCode.Success)
        {
            metrics.ConnectionRefused(connection.ReasonCode.ToString());
            LogRefused(connection.RemoteEndPoint?.ToString(), connection.ReasonCode);
            return;
        }

        if (string.IsNullOrEmpty(connection.ClientId))
        {
            // MQTT 5 has the server name a client that has no name (section 3.1.3.1); on 3.1.1 such a client is refused.
            connection.AssignedClientIdentifier = $"taproom-{Guid.CreateVersion7():N}";
        }

        ClientOf(connection.UserName, connection.Password, connection.ProtocolVersion).Own(connection.SessionItems);
    }

    /// <summary>Whether the session that a new connection found is its own; a session outlives the connection that made it.</summary>
    /// <returns>The client; null when another tap's client made the session, and the connection must end before a packet is read.</returns>
    public TapClient? OwnerOf(ClientConnectedEventArgs connection)
    {
        var client = ClientOf(connection.UserName, connection.Password, connection.ProtocolVersion);
        if (TapClient.Of(connection.SessionItems)?.TapId != client.TapId)
        {
            metrics.ConnectionRefused("ForeignSession");
            LogForeignSession(connection.RemoteEndPoint?.ToString());
            return null;
        }

        client.Own(connection.SessionItems);
        return client;
    }

    /// <summary>Refuses a subscription to anything but the client's own topics and the notices, and more than a client needs.</summary>
    public static Task LimitAsync(InterceptingSubscriptionEventArgs subscription)
    {
        var filter = subscription.TopicFilter.Topic;
        if (TapClient.Of(subscription.SessionItems) is not { } client || (client.MayListenTo(filter) && client.TrySubscribe(filter)))
        {
            return Task.CompletedTask;
        }

        subscription.ProcessSubscription = false;
        subscription.Response.ReasonCode = client.Version switch
        {
            MqttProtocolVersion.V500 when client.MayListenTo(filter) => MqttSubscribeReasonCode.QuotaExceeded,
            MqttProtocolVersion.V500 => MqttSubscribeReasonCode.NotAuthorized,
            // MQTT 3.1.1 knows one failure code only, 0x80 (section 3.9.3).
            _ => MqttSubscribeReasonCode.UnspecifiedError,
        };
        return Task.CompletedTask;
    }

    /// <summary>A client listens to something no longer.</summary>
    public static Task ForgetAsync(ClientUnsubscribedTopicEventArgs subscription)
    {
        TapClient.Of(subscription.SessionItems)?.Unsubscribe(subscription.TopicFilter);
        return Task.CompletedTask;
    }

    private TapClient ClientOf(string? userName, string? token, MqttProtocolVersion version) =>
        TapClient.For(userName, version) with
        {
            TokenHash = _options.AllowAnonymous ? null : TapTokens.Hash(token ?? ""),
        };

    private async Task<MqttConnectReasonCode> JudgeAsync(ValidatingConnectionEventArgs connection)
    {
        if (taps.Count >= _options.MaxConnections)
        {
            return MqttConnectReasonCode.ServerBusy;
        }

        var client = TapClient.For(connection.UserName, connection.ProtocolVersion);
        if (!_options.AllowAnonymous && await VerifyAsync(client, connection) is var verified and not MqttConnectReasonCode.Success)
        {
            return verified;
        }

        // A new connection takes over from an older one with its client id: nobody may do that to another tap.
        return taps.Find(connection.ClientId) is { } present && present.TapId != client.TapId
            ? MqttConnectReasonCode.ClientIdentifierNotValid
            : MqttConnectReasonCode.Success;
    }

    private async Task<MqttConnectReasonCode> VerifyAsync(TapClient client, ValidatingConnectionEventArgs connection)
    {
        if (refused.IsExhausted(connection.RemoteEndPoint))
        {
            // MQTT 3.1.1 has no code for it, and would be told that its version is not supported.
            return client.Version is MqttProtocolVersion.V500 ? MqttConnectReasonCode.ConnectionRateExceeded : MqttConnectReasonCode.ServerBusy;
        }

        try
        {
            switch (client.TapId is { } tapId ? await tokens.VerifyAsync(tapId, connection.Password) : false)
            {
                case true:
                    return MqttConnectReasonCode.Success;
                case false:
                    refused.Count(connection.RemoteEndPoint);
                    return MqttConnectReasonCode.NotAuthorized;
                case null:
                    return MqttConnectReasonCode.ServerUnavailable;
            }
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // Whoever it is may come again: only the registry can say no.
            LogNotVerified(ex.Message);
            return MqttConnectReasonCode.ServerUnavailable;
        }
    }

    [LoggerMessage(LogLevel.Debug, "Refused a connection from {RemoteEndPoint}: {Reason}.")]
    private partial void LogRefused(string? remoteEndPoint, MqttConnectReasonCode reason);

    [LoggerMessage(LogLevel.Warning, "Refused a connection from {RemoteEndPoint}: its client id has a session of another tap.")]
    private partial void LogForeignSession(string? remoteEndPoint);

    [LoggerMessage(LogLevel.Warning, "No token can be verified: {Message}")]
    private partial void LogNotVerified(string message);
}
