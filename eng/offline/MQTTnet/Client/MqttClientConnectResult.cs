using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>Outcome of a connect; the numbers are those of an MQTT 5.0 CONNACK.</summary>
public enum MqttClientConnectResultCode
{
    Success = 0x00,
    UnspecifiedError = 0x80,
    MalformedPacket = 0x81,
    ProtocolError = 0x82,
    ImplementationSpecificError = 0x83,
    UnsupportedProtocolVersion = 0x84,
    ClientIdentifierNotValid = 0x85,
    BadUserNameOrPassword = 0x86,
    NotAuthorized = 0x87,
    ServerUnavailable = 0x88,
    ServerBusy = 0x89,
    Banned = 0x8A,
    BadAuthenticationMethod = 0x8C,
    TopicNameInvalid = 0x90,
    PacketTooLarge = 0x95,
    QuotaExceeded = 0x97,
    PayloadFormatInvalid = 0x99,
    RetainNotSupported = 0x9A,
    QoSNotSupported = 0x9B,
    UseAnotherServer = 0x9C,
    ServerMoved = 0x9D,
    ConnectionRateExceeded = 0x9F,
}

/// <summary>What the server answered to CONNECT.</summary>
public sealed class MqttClientConnectResult
{
    public string? AssignedClientIdentifier { get; init; }

    public byte[]? AuthenticationData { get; init; }

    public string? AuthenticationMethod { get; init; }

    public bool IsSessionPresent { get; init; }

    /// <summary>Bytes; null means no limit.</summary>
    public uint? MaximumPacketSize { get; init; }

    public MqttQualityOfServiceLevel MaximumQoS { get; init; }

    public string? ReasonString { get; init; }

    public ushort? ReceiveMaximum { get; init; }

    public string? ResponseInformation { get; init; }

    public MqttClientConnectResultCode ResultCode { get; init; }

    public bool RetainAvailable { get; init; }

    /// <summary>Seconds; 0 when the server left the client's value.</summary>
    public ushort ServerKeepAlive { get; init; }

    public string? ServerReference { get; init; }

    /// <summary>Seconds.</summary>
    public uint? SessionExpiryInterval { get; init; }

    public bool SharedSubscriptionAvailable { get; init; }

    public bool SubscriptionIdentifiersAvailable { get; init; }

    public ushort TopicAliasMaximum { get; init; }

    public List<MqttUserProperty>? UserProperties { get; init; }

    public bool WildcardSubscriptionAvailable { get; init; }

    internal static MqttClientConnectResult From(MqttConnAckPacket packet) => new()
    {
        ResultCode = (MqttClientConnectResultCode)packet.ReasonCode,
        IsSessionPresent = packet.IsSessionPresent,
        AssignedClientIdentifier = packet.AssignedClientIdentifier,
        AuthenticationData = packet.AuthenticationData,
        AuthenticationMethod = packet.AuthenticationMethod,
        MaximumPacketSize = packet.MaximumPacketSize == 0 ? null : packet.MaximumPacketSize,
        MaximumQoS = packet.MaximumQoS,
        ReasonString = packet.ReasonString,
        ReceiveMaximum = packet.ReceiveMaximum == 0 ? null : packet.ReceiveMaximum,
        ResponseInformation = packet.ResponseInformation,
        RetainAvailable = packet.RetainAvailable,
        ServerKeepAlive = packet.ServerKeepAlive,
        ServerReference = packet.ServerReference,
        SessionExpiryInterval = packet.HasSessionExpiryInterval ? packet.SessionExpiryInterval : null,
        SharedSubscriptionAvailable = packet.SharedSubscriptionAvailable,
        SubscriptionIdentifiersAvailable = packet.SubscriptionIdentifiersAvailable,
        TopicAliasMaximum = packet.TopicAliasMaximum,
        UserProperties = packet.UserProperties,
        WildcardSubscriptionAvailable = packet.WildcardSubscriptionAvailable,
    };
}
