namespace MQTTnet.Formatter;

/// <summary>Knows the protocol version of a connection, once CONNECT was read.</summary>
public sealed class MqttPacketFormatterAdapter
{
    public MqttPacketFormatterAdapter(MqttBufferWriter mqttBufferWriter) => ArgumentNullException.ThrowIfNull(mqttBufferWriter);

    public MqttPacketFormatterAdapter(MqttProtocolVersion protocolVersion, MqttBufferWriter bufferWriter)
        : this(bufferWriter) => ProtocolVersion = protocolVersion;

    public MqttProtocolVersion ProtocolVersion { get; internal set; } = MqttProtocolVersion.Unknown;
}
