using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>
/// Checks the bytes of a client's packet against OASIS MQTT 3.1.1 and 5.0. What they call malformed or a protocol error throws a
/// <see cref="PacketException"/>; the MQTT server lets much of it pass.
/// </summary>
internal static class PacketValidator
{
    private const MqttDisconnectReasonCode UnsupportedVersion = (MqttDisconnectReasonCode)MqttConnectReasonCode.UnsupportedProtocolVersion;

    // The reason codes that a client may send (MQTT 5, table 2-6).
    private static readonly byte[] ReceivedCodes = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
    private static readonly byte[] ReleaseCodes = [0x00, 0x92];
    private static readonly byte[] DisconnectCodes = [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];

    /// <summary>The versions that a CONNECT may ask for, by its protocol name and level.</summary>
    /// <returns>True for MQTT 5; false for 3.1.1, or its forerunner 3.1.</returns>
    /// <exception cref="PacketException">It asks for another.</exception>
    public static bool IsVersion5(ReadOnlySpan<byte> connect)
    {
        var reader = new PacketReader(connect);
        var name = reader.Text();
        var level = reader.Byte();
        // The highest bit is the mark of a bridge of mosquitto.
        return (name.SequenceEqual("MQTT"u8), name.SequenceEqual("MQIsdp"u8), level) switch
        {
            (true, _, 5) => true,
            (true, _, 4 or 0x84) or (_, true, 3 or 0x83) => false,
            _ => throw new PacketException(UnsupportedVersion, "The protocol is none that is spoken here.")
            {
                ConnAck = level > 5 ? [0x20, 3, 0, (byte)UnsupportedVersion, 0] : [0x20, 2, 0, 1],
            },
        };
    }

    /// <summary>Checks a packet.</summary>
    /// <param name="header">The first byte of its fixed header.</param>
    /// <param name="body">What follows the fixed header.</param>
    /// <param name="isVersion5">Whether the connection speaks MQTT 5.</param>
    public static void Check(byte header, ReadOnlySpan<byte> body, bool isVersion5)
    {
        var reader = new PacketReader(body);
        var (type, flags) = ((MqttControlPacketType)(header >> 4), header & 0x0F);
        if (type is MqttControlPacketType.Publish)
        {
            CheckPublish(flags, ref reader, isVersion5);
            return;
        }

        if (type is MqttControlPacketType.ConnAck or MqttControlPacketType.SubAck or MqttControlPacketType.UnsubAck or MqttControlPacketType.PingResp)
        {
            throw PacketException.ProtocolError($"A client must not send {type}.");
        }

        if (flags != (type is MqttControlPacketType.PubRel or MqttControlPacketType.Subscribe or MqttControlPacketType.Unsubscribe ? 2 : 0))
        {
            throw PacketException.Malformed("The flags of the fixed header are wrong.");
        }

        switch (type)
        {
            case MqttControlPacketType.Connect:
                CheckConnect(ref reader, isVersion5);
                break;
            case MqttControlPacketType.PubAck or MqttControlPacketType.PubRec:
                reader.PacketId();
                CheckAnswer(ref reader, isVersion5, ReceivedCodes, PacketProperties.Answer);
                break;
            case MqttControlPacketType.PubRel or MqttControlPacketType.PubComp:
                reader.PacketId();
                CheckAnswer(ref reader, isVersion5, ReleaseCodes, PacketProperties.Answer);
                break;
            case MqttControlPacketType.Subscribe:
                CheckFilters(ref reader, isVersion5, PacketProperties.Subscribe, haveOptions: true);
                break;
            case MqttControlPacketType.Unsubscribe:
                CheckFilters(ref reader, isVersion5, PacketProperties.Unsubscribe, haveOptions: false);
                break;
            case MqttControlPacketType.Disconnect:
                CheckAnswer(ref reader, isVersion5, DisconnectCodes, PacketProperties.Disconnect);
                break;
            case MqttControlPacketType.PingReq:
                break;
            case MqttControlPacketType.Auth when isVersion5:
                throw PacketException.ProtocolError("No authentication method was agreed on.");
            default:
                throw PacketException.Malformed("The packet type is reserved.");
        }

        reader.End();
    }

    private static void CheckConnect(ref PacketReader reader, bool isVersion5)
    {
        reader.Text();
        reader.Byte();
        var flags = reader.Byte();
        var (hasWill, willQos, willRetain) = ((flags & 0x04) != 0, (flags >> 3) & 3, (flags & 0x20) != 0);
        var (hasPassword, hasUser) = ((flags & 0x40) != 0, (flags & 0x80) != 0);
        if ((flags & 1) != 0 || willQos == 3 || (!hasWill && (willQos != 0 || willRetain)) || (!isVersion5 && hasPassword && !hasUser))
        {
            throw PacketException.Malformed("The connect flags contradict each other.");
        }

        reader.UInt16();
        PacketProperties.Check(ref reader, isVersion5, PacketProperties.Connect);
        if (reader.Text().IsEmpty && !isVersion5 && (flags & 0x02) == 0)
        {
            throw new PacketException(MqttDisconnectReasonCode.UnspecifiedError, "A session is to be kept without a client id.")
            {
                ConnAck = [0x20, 2, 0, (byte)MqttConnectReturnCode.ConnectionRefusedIdentifierRejected],
            };
        }

        if (hasWill)
        {
            PacketProperties.Check(ref reader, isVersion5, PacketProperties.Will);
            reader.TopicName();
            reader.Binary();
        }

        if (hasUser)
        {
            reader.Text();
        }

        if (hasPassword)
        {
            reader.Binary();
        }
    }

    private static void CheckPublish(int flags, ref PacketReader reader, bool isVersion5)
    {
        var (qos, isDuplicate) = ((flags >> 1) & 3, (flags & 8) != 0);
        if (qos == 3 || (qos == 0 && isDuplicate))
        {
            throw PacketException.Malformed("The flags of the fixed header are wrong.");
        }

        var topic = reader.TopicName(mayBeEmpty: isVersion5);
        if (qos > 0)
        {
            reader.PacketId();
        }

        if (!PacketProperties.Check(ref reader, isVersion5, PacketProperties.Publish).Has(MqttPropertyId.TopicAlias) && topic.IsEmpty)
        {
            throw PacketException.ProtocolError("There is neither a topic name nor a topic alias.");
        }
    }

    private static void CheckFilters(ref PacketReader reader, bool isVersion5, byte[] properties, bool haveOptions)
    {
        reader.PacketId();
        PacketProperties.Check(ref reader, isVersion5, properties);
        if (reader.IsEmpty)
        {
            throw PacketException.ProtocolError("There is no topic filter.");
        }

        while (!reader.IsEmpty)
        {
            var isShared = reader.TopicFilter(isVersion5);
            var options = haveOptions ? reader.Byte() : 0;
            if ((options & (isVersion5 ? 0xC0 : 0xFC)) != 0)
            {
                throw PacketException.Malformed("Reserved bits of the subscription options are set.");
            }

            // QoS 3, retain handling 3, or a shared subscription without the client's own messages.
            if ((options & 0x03) == 0x03 || (options & 0x30) == 0x30 || (isShared && (options & 0x04) != 0))
            {
                throw PacketException.ProtocolError("The subscription options are none that there are.");
            }
        }
    }

    /// <summary>A reason code and properties, which MQTT 5 may leave out and earlier versions do not have.</summary>
    private static void CheckAnswer(ref PacketReader reader, bool isVersion5, byte[] codes, byte[] properties)
    {
        if (!isVersion5 || reader.IsEmpty)
        {
            return;
        }

        if (!codes.Contains(reader.Byte()))
        {
            throw PacketException.ProtocolError("The reason code is none of this packet.");
        }

        if (!reader.IsEmpty)
        {
            PacketProperties.Check(ref reader, isVersion5, properties);
        }
    }
}
