using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>A packet breaks the MQTT specification or a limit, so its connection must end.</summary>
/// <param name="reason">What MQTT 5 is told.</param>
/// <param name="message">What is wrong, in a few words.</param>
internal sealed class PacketException(MqttDisconnectReasonCode reason, string message) : Exception(message)
{
    /// <summary>What MQTT 5 is told.</summary>
    public MqttDisconnectReasonCode Reason => reason;

    /// <summary>The whole CONNACK that says so to a client that is not connected yet; null where there is none for it.</summary>
    public byte[]? ConnAck { get; init; }

    /// <summary>The size of a packet that is too large; null when something else is wrong.</summary>
    public long? TooLargeBytes { get; private init; }

    /// <summary>The bytes are no packet.</summary>
    public static PacketException Malformed(string message) => new(MqttDisconnectReasonCode.MalformedPacket, message);

    /// <summary>The packet can be read, and must not be sent.</summary>
    public static PacketException ProtocolError(string message) => new(MqttDisconnectReasonCode.ProtocolError, message);

    /// <summary>The packet is too large.</summary>
    public static PacketException TooLarge(long bytes) =>
        new(MqttDisconnectReasonCode.PacketTooLarge, $"A packet of {bytes} bytes is too large.") { TooLargeBytes = bytes };
}
