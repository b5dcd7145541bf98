using MQTTnet.Protocol;

namespace MQTTnet.Exceptions;

/// <summary>A packet or a call breaks a rule of the protocol.</summary>
public class MqttProtocolViolationException : Exception
{
    public MqttProtocolViolationException(string message)
        : base(message)
    {
    }
}

/// <summary>A received packet cannot be accepted; <see cref="ReasonCode"/> is what an MQTT 5.0 peer is told.</summary>
internal sealed class MqttPacketRefusedException(MqttDisconnectReasonCode reasonCode, string message) : MqttProtocolViolationException(message)
{
    public MqttDisconnectReasonCode ReasonCode { get; } = reasonCode;

    public static MqttPacketRefusedException Malformed(string message) => new(MqttDisconnectReasonCode.MalformedPacket, message);

    public static MqttPacketRefusedException Protocol(string message) => new(MqttDisconnectReasonCode.ProtocolError, message);
}
