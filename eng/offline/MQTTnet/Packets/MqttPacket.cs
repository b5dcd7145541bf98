namespace MQTTnet.Packets;

/// <summary>Any MQTT control packet.</summary>
public abstract class MqttPacket
{
}

/// <summary>A packet that carries a packet identifier (1 to 65535; 0 means none was given yet).</summary>
public abstract class MqttPacketWithIdentifier : MqttPacket
{
    public ushort PacketIdentifier { get; set; }
}

/// <summary>PINGREQ.</summary>
public sealed class MqttPingReqPacket : MqttPacket
{
    /// <summary>The packet has no content, so one instance serves all.</summary>
    public static MqttPingReqPacket Instance { get; } = new();

    public override string ToString() => "PingReq";
}

/// <summary>PINGRESP.</summary>
public sealed class MqttPingRespPacket : MqttPacket
{
    /// <summary>The packet has no content, so one instance serves all.</summary>
    public static MqttPingRespPacket Instance { get; } = new();

    public override string ToString() => "PingResp";
}
