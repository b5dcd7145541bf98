using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <content>The packets that open and end a connection.</content>
internal static partial class PacketDecoder
{
    /// <summary>Reads CONNECT; for a protocol version that does not exist the rest is not read and the version is Unknown.</summary>
    private static MqttConnectPacket ReadConnect(ref WireReader reader)
    {
        var name = reader.ReadString();
        if (name is not ("MQTT" or "MQIsdp"))
        {
            throw MqttPacketRefusedException.Malformed("The protocol name is not MQTT.");
        }

        var level = reader.ReadByte();
        var version = (name, level) switch
        {
            ("MQIsdp", 3) => MqttProtocolVersion.V310,
            ("MQTT", 4) => MqttProtocolVersion.V311,
            ("MQTT", 5) => MqttProtocolVersion.V500,
            _ => MqttProtocolVersion.Unknown,
        };
        var packet = new MqttConnectPacket { ProtocolVersion = version, ProtocolLevel = level };
        if (version == MqttProtocolVersion.Unknown)
        {
            reader.ReadRest();
            return packet;
        }

        var flags = reader.ReadByte();
        var willQos = (flags >> 3) & 3;
        var hasWill = (flags & 0x04) != 0;
        var hasPassword = (flags & 0x40) != 0;
        var hasUser = (flags & 0x80) != 0;
        if ((flags & 0x01) != 0 || willQos == 3 || (!hasWill && (flags & 0x38) != 0) || (version != MqttProtocolVersion.V500 && hasPassword && !hasUser))
        {
            throw MqttPacketRefusedException.Malformed($"The connect flags 0x{flags:X2} contradict each other.");
        }

        packet.CleanSession = (flags & 0x02) != 0;
        packet.KeepAlivePeriod = reader.ReadUInt16();
        if (version == MqttProtocolVersion.V500)
        {
            ReadConnectProperties(packet, ref reader);
        }

        packet.ClientId = reader.ReadString();
        if (hasWill)
        {
            packet.WillFlag = true;
            packet.WillQoS = (MqttQualityOfServiceLevel)willQos;
            packet.WillRetain = (flags & 0x20) != 0;
            ReadWill(packet, ref reader);
        }

        packet.Username = hasUser ? reader.ReadString() : null;
        packet.Password = hasPassword ? reader.ReadBinary() : null;
        return packet;
    }

    private static void ReadConnectProperties(MqttConnectPacket packet, ref WireReader reader)
    {
        var properties = PropertyBag.Read(ref reader, PropertyBag.ConnectAllowed);
        if (properties.AuthenticationData is not null && properties.AuthenticationMethod is null)
        {
            throw MqttPacketRefusedException.Protocol("There is authentication data but no method.");
        }

        packet.SessionExpiryInterval = properties.SessionExpiryInterval ?? 0;
        packet.AuthenticationMethod = properties.AuthenticationMethod;
        packet.AuthenticationData = properties.AuthenticationData;
        packet.RequestProblemInformation = properties.RequestProblemInformation ?? true;
        packet.RequestResponseInformation = properties.RequestResponseInformation ?? false;
        packet.ReceiveMaximum = properties.ReceiveMaximum ?? 0;
        packet.TopicAliasMaximum = properties.TopicAliasMaximum ?? 0;
        packet.MaximumPacketSize = properties.MaximumPacketSize ?? 0;
        packet.UserProperties = properties.UserProperties;
    }

    private static void ReadWill(MqttConnectPacket packet, ref WireReader reader)
    {
        if (packet.ProtocolVersion == MqttProtocolVersion.V500)
        {
            var properties = PropertyBag.Read(ref reader, PropertyBag.WillAllowed);
            packet.WillDelayInterval = properties.WillDelayInterval ?? 0;
            packet.WillPayloadFormatIndicator = properties.PayloadIsText ? MqttPayloadFormatIndicator.CharacterData : MqttPayloadFormatIndicator.Unspecified;
            packet.WillMessageExpiryInterval = properties.MessageExpiryInterval ?? 0;
            packet.WillContentType = properties.ContentType;
            packet.WillResponseTopic = properties.ResponseTopic;
            packet.WillCorrelationData = properties.CorrelationData;
            packet.WillUserProperties = properties.UserProperties;
        }

        packet.WillTopic = reader.ReadString();
        if (packet.WillTopic.Length == 0 || packet.WillTopic.AsSpan().IndexOfAny('+', '#') >= 0)
        {
            throw new MqttPacketRefusedException(MqttDisconnectReasonCode.TopicNameInvalid, "The will topic is empty or has a wildcard.");
        }

        packet.WillMessage = reader.ReadBinary();
    }

    private static MqttConnAckPacket ReadConnAck(ref WireReader reader, bool v5)
    {
        var flags = reader.ReadByte();
        if ((flags & 0xFE) != 0)
        {
            throw MqttPacketRefusedException.Malformed("Reserved flags of CONNACK are set.");
        }

        var code = reader.ReadByte();
        var packet = new MqttConnAckPacket { IsSessionPresent = flags == 1 };
        if (!v5 || reader.AtEnd)
        {
            // A server without MQTT 5.0 answers a 5.0 client in the 3.1.1 form.
            packet.ReturnCode = (MqttConnectReturnCode)code;
            packet.ReasonCode = v5 && code >= 0x80 ? (MqttConnectReasonCode)code : ReturnCodes.ToReasonCode((MqttConnectReturnCode)code);
            return packet;
        }

        packet.ReasonCode = (MqttConnectReasonCode)code;
        packet.ReturnCode = ReturnCodes.ToReturnCode(packet.ReasonCode);
        var properties = PropertyBag.Read(ref reader, PropertyBag.ConnAckAllowed);
        packet.SessionExpiryInterval = properties.SessionExpiryInterval ?? 0;
        packet.HasSessionExpiryInterval = properties.SessionExpiryInterval is not null;
        packet.ReceiveMaximum = properties.ReceiveMaximum ?? 0;
        packet.MaximumQoS = properties.QoS1IsMaximum switch
        {
            null => MqttQualityOfServiceLevel.ExactlyOnce,
            true => MqttQualityOfServiceLevel.AtLeastOnce,
            false => MqttQualityOfServiceLevel.AtMostOnce,
        };
        packet.RetainAvailable = properties.RetainAvailable ?? true;
        packet.MaximumPacketSize = properties.MaximumPacketSize ?? 0;
        packet.AssignedClientIdentifier = properties.AssignedClientIdentifier;
        packet.TopicAliasMaximum = properties.TopicAliasMaximum ?? 0;
        packet.ReasonString = properties.ReasonString;
        packet.UserProperties = properties.UserProperties;
        packet.WildcardSubscriptionAvailable = properties.WildcardSubscriptionAvailable ?? true;
        packet.SubscriptionIdentifiersAvailable = properties.SubscriptionIdentifiersAvailable ?? true;
        packet.SharedSubscriptionAvailable = properties.SharedSubscriptionAvailable ?? true;
        packet.ServerKeepAlive = properties.ServerKeepAlive ?? 0;
        packet.ResponseInformation = properties.ResponseInformation;
        packet.ServerReference = properties.ServerReference;
        packet.AuthenticationMethod = properties.AuthenticationMethod;
        packet.AuthenticationData = properties.AuthenticationData;
        return packet;
    }

    private static MqttDisconnectPacket ReadDisconnect(ref WireReader reader, bool v5)
    {
        var packet = new MqttDisconnectPacket();
        if (!v5 || reader.AtEnd)
        {
            return packet;
        }

        packet.ReasonCode = (MqttDisconnectReasonCode)reader.ReadByte();
        if (!reader.AtEnd)
        {
            var properties = PropertyBag.Read(ref reader, PropertyBag.DisconnectAllowed);
            packet.SessionExpiryInterval = properties.SessionExpiryInterval ?? 0;
            packet.HasSessionExpiryInterval = properties.SessionExpiryInterval is not null;
            packet.ReasonString = properties.ReasonString;
            packet.ServerReference = properties.ServerReference;
            packet.UserProperties = properties.UserProperties;
        }

        return packet;
    }

    private static MqttAuthPacket ReadAuth(ref WireReader reader)
    {
        var packet = new MqttAuthPacket();
        if (!reader.AtEnd)
        {
            packet.ReasonCode = (MqttAuthenticateReasonCode)reader.ReadByte();
            var properties = PropertyBag.Read(ref reader, PropertyBag.AuthAllowed);
            packet.AuthenticationMethod = properties.AuthenticationMethod;
            packet.AuthenticationData = properties.AuthenticationData;
            packet.ReasonString = properties.ReasonString;
            packet.UserProperties = properties.UserProperties;
        }

        return packet;
    }
}
