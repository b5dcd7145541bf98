using MQTTnet.Packets;

namespace MQTTnet
{
    /// <summary>A connection was made.</summary>
    public sealed class MqttClientConnectedEventArgs(MqttClientConnectResult connectResult) : EventArgs
    {
        public MqttClientConnectResult ConnectResult { get; } = connectResult ?? throw new ArgumentNullException(nameof(connectResult));
    }

    /// <summary>A connection is about to be made.</summary>
    public sealed class MqttClientConnectingEventArgs(MqttClientOptions clientOptions) : EventArgs
    {
        public MqttClientOptions ClientOptions { get; } = clientOptions;
    }

    /// <summary>Why a connection ended: the reason codes of an MQTT 5.0 DISCONNECT from either side.</summary>
    public enum MqttClientDisconnectReason
    {
        NormalDisconnection = 0x00,
        DisconnectWithWillMessage = 0x04,
        UnspecifiedError = 0x80,
        MalformedPacket = 0x81,
        ProtocolError = 0x82,
        ImplementationSpecificError = 0x83,
        NotAuthorized = 0x87,
        ServerBusy = 0x89,
        ServerShuttingDown = 0x8B,
        BadAuthenticationMethod = 0x8C,
        KeepAliveTimeout = 0x8D,
        SessionTakenOver = 0x8E,
        TopicFilterInvalid = 0x8F,
        TopicNameInvalid = 0x90,
        ReceiveMaximumExceeded = 0x93,
        TopicAliasInvalid = 0x94,
        PacketTooLarge = 0x95,
        MessageRateTooHigh = 0x96,
        QuotaExceeded = 0x97,
        AdministrativeAction = 0x98,
        PayloadFormatInvalid = 0x99,
        RetainNotSupported = 0x9A,
        QosNotSupported = 0x9B,
        UseAnotherServer = 0x9C,
        ServerMoved = 0x9D,
        SharedSubscriptionsNotSupported = 0x9E,
        ConnectionRateExceeded = 0x9F,
        MaximumConnectTime = 0xA0,
        SubscriptionIdentifiersNotSupported = 0xA1,
        WildcardSubscriptionsNotSupported = 0xA2,
    }

    /// <summary>A connection ended, or could not be made.</summary>
    public sealed class MqttClientDisconnectedEventArgs(
        bool clientWasConnected, MqttClientConnectResult? connectResult, MqttClientDisconnectReason reason, string? reasonString, List<MqttUserProperty>? userProperties, Exception? exception)
        : EventArgs
    {
        public bool ClientWasConnected { get; } = clientWasConnected;

        /// <summary>The server's refusal, when that is why.</summary>
        public MqttClientConnectResult? ConnectResult { get; } = connectResult;

        public Exception? Exception { get; } = exception;

        public MqttClientDisconnectReason Reason { get; } = reason;

        public string? ReasonString { get; } = reasonString;

        public List<MqttUserProperty>? UserProperties { get; } = userProperties;
    }

    /// <summary>Data of an enhanced authentication exchange.</summary>
    public sealed class MqttEnhancedAuthenticationExchangeData
    {
        public byte[]? AuthenticationData { get; set; }

        public Protocol.MqttAuthenticateReasonCode ReasonCode { get; set; }

        public string? ReasonString { get; set; }

        public List<MqttUserProperty> UserProperties { get; } = [];
    }
}

namespace MQTTnet.Diagnostics.PacketInspection
{
    /// <summary>Direction of an inspected packet.</summary>
    public enum MqttPacketFlowDirection
    {
        Inbound,
        Outbound,
    }

    /// <summary>The bytes of a packet.</summary>
    public sealed class InspectMqttPacketEventArgs(MqttPacketFlowDirection direction, byte[] buffer) : EventArgs
    {
        public byte[] Buffer { get; } = buffer;

        public MqttPacketFlowDirection Direction { get; } = direction;
    }
}
