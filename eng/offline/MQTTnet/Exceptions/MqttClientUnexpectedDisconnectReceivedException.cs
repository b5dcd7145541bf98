using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Exceptions;

/// <summary>The server ended the connection with an MQTT 5.0 DISCONNECT while a call waited for an answer.</summary>
public sealed class MqttClientUnexpectedDisconnectReceivedException(MqttDisconnectPacket disconnectPacket, Exception? innerException = null)
    : MqttCommunicationException($"The server sent DISCONNECT with reason code {disconnectPacket.ReasonCode}.", innerException)
{
    public MqttDisconnectReasonCode? ReasonCode { get; } = disconnectPacket.ReasonCode;

    public string? ReasonString { get; } = disconnectPacket.ReasonString;

    public string? ServerReference { get; } = disconnectPacket.ServerReference;

    public uint? SessionExpiryInterval { get; } = disconnectPacket.SessionExpiryInterval;

    public List<MqttUserProperty>? UserProperties { get; } = disconnectPacket.UserProperties;
}
