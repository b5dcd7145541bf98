using System.Buffers;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <summary>Turns the body of a packet into its object. Strings and payload are copied, so the receive buffer can be used again.</summary>
internal static partial class PacketDecoder
{
    /// <summary>Decodes one packet; throws <see cref="MqttPacketRefusedException"/> with the reason code for the sender.</summary>
    public static MqttPacket Decode(byte header, in ReadOnlySequence<byte> body, MqttProtocolVersion version)
    {
        if (body.IsSingleSegment)
        {
            return Decode(header, body.FirstSpan, version);
        }

        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(rented);
            return Decode(header, rented.AsSpan(0, length), version);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static MqttPacket Decode(byte header, ReadOnlySpan<byte> body, MqttProtocolVersion version)
    {
        var reader = new WireReader(body);
        var v5 = version == MqttProtocolVersion.V500;
        var type = (MqttControlPacketType)(header >> 4);
        MqttPacket packet = type switch
        {
            MqttControlPacketType.Connect => ReadConnect(ref reader),
            MqttControlPacketType.ConnAck => ReadConnAck(ref reader, v5),
            MqttControlPacketType.Publish => ReadPublish(header, ref reader, v5),
            MqttControlPacketType.PubAck => ReadPubAck(ref reader, v5),
            MqttControlPacketType.PubRec => ReadPubRec(ref reader, v5),
            MqttControlPacketType.PubRel => ReadPubRel(ref reader, v5),
            MqttControlPacketType.PubComp => ReadPubComp(ref reader, v5),
            MqttControlPacketType.Subscribe => ReadSubscribe(ref reader, v5),
            MqttControlPacketType.SubAck => ReadSubAck(ref reader, v5),
            MqttControlPacketType.Unsubscribe => ReadUnsubscribe(ref reader, v5),
            MqttControlPacketType.UnsubAck => ReadUnsubAck(ref reader, v5),
            MqttControlPacketType.PingReq => MqttPingReqPacket.Instance,
            MqttControlPacketType.PingResp => MqttPingRespPacket.Instance,
            MqttControlPacketType.Disconnect => ReadDisconnect(ref reader, v5),
            MqttControlPacketType.Auth when v5 => ReadAuth(ref reader),
            _ => throw MqttPacketRefusedException.Malformed($"There is no packet type {header >> 4} in this protocol version."),
        };
        reader.ExpectEnd();
        return packet;
    }

    private static MqttPublishPacket ReadPublish(byte header, ref WireReader reader, bool v5)
    {
        var qos = (header >> 1) & 3;
        var dup = (header & 8) != 0;
        if (qos == 3 || (dup && qos == 0))
        {
            throw MqttPacketRefusedException.Malformed(qos == 3 ? "There is no QoS 3." : "A QoS 0 publish cannot be a duplicate.");
        }

        var packet = new MqttPublishPacket
        {
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            Dup = dup,
            Retain = (header & 1) != 0,
            Topic = reader.ReadString(),
        };
        if (packet.Topic.AsSpan().IndexOfAny('+', '#') >= 0)
        {
            throw new MqttPacketRefusedException(MqttDisconnectReasonCode.TopicNameInvalid, "A publish has a wildcard in its topic.");
        }

        if (qos > 0)
        {
            packet.PacketIdentifier = ReadIdentifier(ref reader);
        }

        if (v5)
        {
            var properties = PropertyBag.Read(ref reader, PropertyBag.PublishAllowed);
            if (properties.TopicAlias == 0)
            {
                throw new MqttPacketRefusedException(MqttDisconnectReasonCode.TopicAliasInvalid, "The topic alias must not be 0.");
            }

            if (properties.ResponseTopic is { } responseTopic && (responseTopic.Length == 0 || responseTopic.AsSpan().IndexOfAny('+', '#') >= 0))
            {
                throw MqttPacketRefusedException.Protocol("The response topic is empty or has a wildcard.");
            }

            packet.PayloadFormatIndicator = properties.PayloadIsText ? MqttPayloadFormatIndicator.CharacterData : MqttPayloadFormatIndicator.Unspecified;
            packet.MessageExpiryInterval = properties.MessageExpiryInterval ?? 0;
            packet.ContentType = properties.ContentType;
            packet.ResponseTopic = properties.ResponseTopic;
            packet.CorrelationData = properties.CorrelationData;
            packet.SubscriptionIdentifiers = properties.SubscriptionIdentifiers;
            packet.TopicAlias = properties.TopicAlias ?? 0;
            packet.UserProperties = properties.UserProperties;
        }

        if (packet.Topic.Length == 0 && packet.TopicAlias == 0)
        {
            throw MqttPacketRefusedException.Protocol("A publish has neither topic nor topic alias.");
        }

        packet.Payload = new ReadOnlySequence<byte>(reader.ReadRest());
        return packet;
    }

    private static MqttPubAckPacket ReadPubAck(ref WireReader reader, bool v5)
    {
        var packet = new MqttPubAckPacket { PacketIdentifier = ReadIdentifier(ref reader) };
        var properties = ReadAcknowledgement(ref reader, v5, out var reason);
        packet.ReasonCode = (MqttPubAckReasonCode)reason;
        packet.ReasonString = properties?.ReasonString;
        packet.UserProperties = properties?.UserProperties;
        return packet;
    }

    private static MqttPubRecPacket ReadPubRec(ref WireReader reader, bool v5)
    {
        var packet = new MqttPubRecPacket { PacketIdentifier = ReadIdentifier(ref reader) };
        var properties = ReadAcknowledgement(ref reader, v5, out var reason);
        packet.ReasonCode = (MqttPubRecReasonCode)reason;
        packet.ReasonString = properties?.ReasonString;
        packet.UserProperties = properties?.UserProperties;
        return packet;
    }

    private static MqttPubRelPacket ReadPubRel(ref WireReader reader, bool v5)
    {
        var packet = new MqttPubRelPacket { PacketIdentifier = ReadIdentifier(ref reader) };
        var properties = ReadAcknowledgement(ref reader, v5, out var reason);
        packet.ReasonCode = (MqttPubRelReasonCode)reason;
        packet.ReasonString = properties?.ReasonString;
        packet.UserProperties = properties?.UserProperties;
        return packet;
    }

    private static MqttPubCompPacket ReadPubComp(ref WireReader reader, bool v5)
    {
        var packet = new MqttPubCompPacket { PacketIdentifier = ReadIdentifier(ref reader) };
        var properties = ReadAcknowledgement(ref reader, v5, out var reason);
        packet.ReasonCode = (MqttPubCompReasonCode)reason;
        packet.ReasonString = properties?.ReasonString;
        packet.UserProperties = properties?.UserProperties;
        return packet;
    }

    private static PropertyBag? ReadAcknowledgement(ref WireReader reader, bool v5, out byte reason)
    {
        // MQTT 5.0, 3.4.2.1 and 3.4.2.2: both may be left out from the end.
        reason = v5 && !reader.AtEnd ? reader.ReadByte() : (byte)0;
        return v5 && !reader.AtEnd ? PropertyBag.Read(ref reader, PropertyBag.AcknowledgeAllowed) : null;
    }

    private static ushort ReadIdentifier(ref WireReader reader)
    {
        var identifier = reader.ReadUInt16();
        return identifier != 0 ? identifier : throw MqttPacketRefusedException.Protocol("The packet identifier must not be 0.");
    }
}
