using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;
using MQTTnet.Protocol;
using StackExchange.Redis;
using Taproom.Taps;

namespace Mqtt.Bridge.Clients;

/// <summary>Decides who may connect and what a client may subscribe to.</summary>
internal sealed partial class Authorization(
    TapTokens tokens,
    ReaderAccount reader,
    ClientRegistry clients,
    RateLimit rate,
    BridgeMetrics metrics,
    IOptions<MqttListenerOptions> options,
    ILogger<Authorization> logger
)
{
    private readonly MqttListenerOptions _options = options.Value;

    /// <summary>Lets a client in, and adds it to the registry, or refuses it.</summary>
    /// <param name="client">The client.</param>
    /// <param name="userName">Its user name.</param>
    /// <param name="token">Its password.</param>
    /// <param name="authenticationMethod">The method of an exchange that it wants (MQTT 5, section 4.12), or null; there is none here.</param>
    public async Task<MqttConnectReasonCode> AuthorizeAsync(TapClient client, string? userName, string? token, string? authenticationMethod)
    {
        var code = await JudgeAsync(client, userName, token, authenticationMethod);
        if (code is not MqttConnectReasonCode.Success)
        {
            metrics.ConnectionRefused(code.ToString());
            LogRefused($"{client.Address}", code);
        }

        return code;
    }

    /// <summary>Lets a client subscribe to its own topics and the notices, and to no more than a client needs.</summary>
    /// <param name="client">The client.</param>
    /// <param name="filter">The topic filter.</param>
    /// <param name="granted">The answer when it is let in.</param>
    public static MqttSubscribeReasonCode Subscribe(TapClient client, string filter, MqttSubscribeReasonCode granted) =>
        client.MayListenTo(filter) switch
        {
            // MQTT 3.1.1 knows one failure code only, 0x80 (section 3.9.3).
            false => client.IsVersion5 ? MqttSubscribeReasonCode.NotAuthorized : MqttSubscribeReasonCode.UnspecifiedError,
            true when client.TrySubscribe(filter) => granted,
            true => client.IsVersion5 ? MqttSubscribeReasonCode.QuotaExceeded : MqttSubscribeReasonCode.UnspecifiedError,
        };

    private async Task<MqttConnectReasonCode> JudgeAsync(TapClient client, string? userName, string? token, string? authenticationMethod)
    {
        if (authenticationMethod is not null)
        {
            return MqttConnectReasonCode.BadAuthenticationMethod;
        }

        if (clients.Count >= _options.MaxConnections)
        {
            return MqttConnectReasonCode.ServerBusy;
        }

        client.IsReader = reader.IsNamed(userName);
        if (
            (client.IsReader || !_options.AllowAnonymous)
            && await VerifyAsync(client, userName, token ?? "") is var code and not MqttConnectReasonCode.Success
        )
        {
            return code;
        }

        client.ReadablePrefix = client.TapId is null ? reader.Prefix : null;
        return clients.TryAdd(client) ? MqttConnectReasonCode.Success : MqttConnectReasonCode.ClientIdentifierNotValid;
    }

    private async Task<MqttConnectReasonCode> VerifyAsync(TapClient client, string? userName, string token)
    {
        if (rate.IsRefusedUnseen(client.Address, userName))
        {
            // MQTT 3.1.1 has no code for it, and would be told that its version is not supported.
            return client.IsVersion5 ? MqttConnectReasonCode.ConnectionRateExceeded : MqttConnectReasonCode.ServerBusy;
        }

        try
        {
            switch (client.IsReader ? reader.Match(token) : await VerifyTokenAsync(client, token))
            {
                case true:
                    return MqttConnectReasonCode.Success;
                case false:
                    rate.CountRefusal(client.Address, userName);
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

    /// <returns>Whether it is the token of its tap; null when that is not known now.</returns>
    private async Task<bool?> VerifyTokenAsync(TapClient client, string token)
    {
        client.TokenHash = TapTokens.Hash(token);
        return client.TapId is { } tapId ? await tokens.VerifyAsync(tapId, token) : false;
    }

    [LoggerMessage(LogLevel.Debug, "Refused a connection from {Address}: {Reason}.")]
    private partial void LogRefused(string address, MqttConnectReasonCode reason);

    [LoggerMessage(LogLevel.Warning, "No token can be verified: {Message}")]
    private partial void LogNotVerified(string message);
}
