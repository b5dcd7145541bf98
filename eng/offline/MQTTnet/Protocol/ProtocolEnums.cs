namespace MQTTnet.Protocol;

/// <summary>Delivery guarantee of a message.</summary>
public enum MqttQualityOfServiceLevel
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}

/// <summary>When retained messages are sent for a new subscription (MQTT 5.0, section 3.8.3.1).</summary>
public enum MqttRetainHandling
{
    SendAtSubscribe = 0,
    SendAtSubscribeIfNewSubscriptionOnly = 1,
    DoNotSendOnSubscribe = 2,
}

/// <summary>Whether a payload is declared to be UTF-8 text (MQTT 5.0, section 3.3.2.3.2).</summary>
public enum MqttPayloadFormatIndicator
{
    Unspecified = 0,
    CharacterData = 1,
}

/// <summary>Packet types, as in the high half of the first byte (section 2.1.2 of both specifications).</summary>
public enum MqttControlPacketType
{
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
    Auth = 15,
}

/// <summary>Registered TCP ports.</summary>
public static class MqttPorts
{
    /// <summary>Without TLS.</summary>
    public const int Default = 1883;

    /// <summary>With TLS.</summary>
    public const int Secure = 8883;
}
