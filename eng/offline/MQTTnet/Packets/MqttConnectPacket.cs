using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>CONNECT. A number of 0 and a null mean that the property is absent.</summary>
public sealed class MqttConnectPacket : MqttPacket
{
    public byte[]? AuthenticationData { get; set; }

    public string? AuthenticationMethod { get; set; }

    /// <summary>Clean session (3.1.1) or clean start (5.0).</summary>
    public bool CleanSession { get; set; }

    public string ClientId { get; set; } = "";

    /// <summary>Seconds; 0 switches the keep-alive off.</summary>
    public ushort KeepAlivePeriod { get; set; }

    /// <summary>Bytes.</summary>
    public uint MaximumPacketSize { get; set; }

    public byte[]? Password { get; set; }

    public ushort ReceiveMaximum { get; set; }

    public bool RequestProblemInformation { get; set; } = true;

    public bool RequestResponseInformation { get; set; }

    /// <summary>Seconds; 4294967295 means never.</summary>
    public uint SessionExpiryInterval { get; set; }

    public ushort TopicAliasMaximum { get; set; }

    public bool TryPrivate { get; set; }

    public string? Username { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    public string? WillContentType { get; set; }

    public byte[]? WillCorrelationData { get; set; }

    /// <summary>Seconds.</summary>
    public uint WillDelayInterval { get; set; }

    public bool WillFlag { get; set; }

    public byte[]? WillMessage { get; set; }

    /// <summary>Seconds.</summary>
    public uint WillMessageExpiryInterval { get; set; }

    public MqttPayloadFormatIndicator WillPayloadFormatIndicator { get; set; }

    public MqttQualityOfServiceLevel WillQoS { get; set; }

    public string? WillResponseTopic { get; set; }

    public bool WillRetain { get; set; }

    public string? WillTopic { get; set; }

    public List<MqttUserProperty>? WillUserProperties { get; set; }

    internal MqttProtocolVersion ProtocolVersion { get; set; }

    // The byte as it came; a version this code does not know still tells which form of answer to use.
    internal byte ProtocolLevel { get; set; }

    public override string ToString() => $"Connect: [ClientId={ClientId}] [Username={Username}] [KeepAlivePeriod={KeepAlivePeriod}] [CleanSession={CleanSession}]";
}
