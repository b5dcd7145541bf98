using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <summary>Translates between the return codes of a 3.1.1 CONNACK and the reason codes of a 5.0 one.</summary>
internal static class ReturnCodes
{
    public static MqttConnectReturnCode ToReturnCode(MqttConnectReasonCode reasonCode) => reasonCode switch
    {
        MqttConnectReasonCode.Success => MqttConnectReturnCode.ConnectionAccepted,
        MqttConnectReasonCode.UseAnotherServer or MqttConnectReasonCode.ServerMoved => MqttConnectReturnCode.ConnectionRefusedServerUnavailable,
        MqttConnectReasonCode.ServerUnavailable or MqttConnectReasonCode.ServerBusy => MqttConnectReturnCode.ConnectionRefusedServerUnavailable,
        MqttConnectReasonCode.ClientIdentifierNotValid => MqttConnectReturnCode.ConnectionRefusedIdentifierRejected,
        MqttConnectReasonCode.BadUserNameOrPassword or MqttConnectReasonCode.BadAuthenticationMethod => MqttConnectReturnCode.ConnectionRefusedBadUsernameOrPassword,
        MqttConnectReasonCode.NotAuthorized or MqttConnectReasonCode.Banned => MqttConnectReturnCode.ConnectionRefusedNotAuthorized,
        // Like the real one, for whatever 3.1.1 has no code for.
        _ => MqttConnectReturnCode.ConnectionRefusedUnacceptableProtocolVersion,
    };

    public static MqttConnectReasonCode ToReasonCode(MqttConnectReturnCode returnCode) => returnCode switch
    {
        MqttConnectReturnCode.ConnectionAccepted => MqttConnectReasonCode.Success,
        MqttConnectReturnCode.ConnectionRefusedUnacceptableProtocolVersion => MqttConnectReasonCode.UnsupportedProtocolVersion,
        MqttConnectReturnCode.ConnectionRefusedIdentifierRejected => MqttConnectReasonCode.ClientIdentifierNotValid,
        MqttConnectReturnCode.ConnectionRefusedServerUnavailable => MqttConnectReasonCode.ServerUnavailable,
        MqttConnectReturnCode.ConnectionRefusedBadUsernameOrPassword => MqttConnectReasonCode.BadUserNameOrPassword,
        MqttConnectReturnCode.ConnectionRefusedNotAuthorized => MqttConnectReasonCode.NotAuthorized,
        _ => MqttConnectReasonCode.UnspecifiedError,
    };
}
