using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>
/// Checks the bytes of a client's packet against OASIS MQTT 3.1.1 and 5.0. What they call malformed or a protocol error throws a
/// <see cref="PacketException"/>; the MQTT server lets much of it pass.
/// </summary>
internal static class PacketValidator
{
    private const MqttDisconnectReasonCode UnsupportedVersion = (MqttDisconnectReasonCode)MqttConnectReasonCode.UnsupportedProtocolVersion;

    // The properties that a client may send with each packet (MQTT 5, table 2-4), and its reason codes (table 2-6).
    private static readonly byte[] ConnectProperties = [0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27];
    private static readonly byte[] WillProperties = [0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26];
    private static readonly byte[] PublishProperties = [0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26];
    private static readonly byte[] SubscribeProperties = [0x0B, 0x26];
    private static readonly byte[] UnsubscribeProperties = [0x26];
    private static readonly byte[] AnswerProperties = [0x1F, 0x26];
    private static readonly byte[] DisconnectProperties = [0x11, 0x1F, 0x26];
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
                CheckAnswer(ref reader, isVersion5, ReceivedCodes, AnswerProperties);
                break;
            case MqttControlPacketType.PubRel or MqttControlPacketType.PubComp:
                reader.PacketId();
                CheckAnswer(ref reader, isVersion5, ReleaseCodes, AnswerProperties);
                break;
            case MqttControlPacketType.Subscribe:
                CheckFilters(ref reader, isVersion5, SubscribeProperties, haveOptions: true);
                break;
            case MqttControlPacketType.Unsubscribe:
                CheckFilters(ref reader, isVersion5, UnsubscribeProperties, haveOptions: false);
                break;
            case MqttControlPacketType.Disconnect:
                CheckAnswer(ref reader, isVersion5, DisconnectCodes, DisconnectProperties);
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
        CheckProperties(ref reader, isVersion5, ConnectProperties);
        if (reader.Text().IsEmpty && !isVersion5 && (flags & 0x02) == 0)
        {
            throw new PacketException(MqttDisconnectReasonCode.UnspecifiedError, "A session is to be kept without a client id.")
            {
                ConnAck = [0x20, 2, 0, (byte)MqttConnectReturnCode.ConnectionRefusedIdentifierRejected],
            };
        }

        if (hasWill)
        {
            CheckProperties(ref reader, isVersion5, WillProperties);
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

        if (!CheckProperties(ref reader, isVersion5, PublishProperties).Has(MqttPropertyId.TopicAlias) && topic.IsEmpty)
        {
            throw PacketException.ProtocolError("There is neither a topic name nor a topic alias.");
        }
    }

    private static void CheckFilters(ref PacketReader reader, bool isVersion5, byte[] properties, bool haveOptions)
    {
        reader.PacketId();
        CheckProperties(ref reader, isVersion5, properties);
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
            CheckProperties(ref reader, isVersion5, properties);
        }
    }

    /// <returns>The properties that there are, a bit for each.</returns>
    private static ulong CheckProperties(ref PacketReader reader, bool isVersion5, byte[] allowed)
    {
        var seen = 0UL;
        var properties = new PacketReader(isVersion5 ? reader.Take(reader.VariableInt()) : []);
        while (!properties.IsEmpty)
        {
            var id = properties.Byte();
            if (!allowed.Contains(id))
            {
                throw PacketException.Malformed($"Property {id} does not belong to this packet.");
            }

            if (id != (byte)MqttPropertyId.UserProperty && seen.Has((MqttPropertyId)id))
            {
                throw PacketException.ProtocolError($"Property {id} comes twice.");
            }

            seen |= 1UL << id;
            CheckValue((MqttPropertyId)id, ref properties);
        }

        return seen.Has(MqttPropertyId.AuthenticationData) && !seen.Has(MqttPropertyId.AuthenticationMethod)
            ? throw PacketException.ProtocolError("There is authentication data without a method.")
            : seen;
    }

    private static void CheckValue(MqttPropertyId id, ref PacketReader properties)
    {
        switch (id)
        {
            case MqttPropertyId.PayloadFormatIndicator
            or MqttPropertyId.RequestProblemInformation
            or MqttPropertyId.RequestResponseInformation when properties.Byte() > 1:
                throw PacketException.ProtocolError($"Property {id} is neither 0 nor 1.");
            case MqttPropertyId.ReceiveMaximum when properties.UInt16() == 0:
            case MqttPropertyId.MaximumPacketSize when properties.UInt32() == 0:
            case MqttPropertyId.SubscriptionIdentifier when properties.VariableInt() == 0:
                throw PacketException.ProtocolError($"Property {id} is 0.");
            case MqttPropertyId.TopicAlias when properties.UInt16() == 0:
                throw new PacketException(MqttDisconnectReasonCode.TopicAliasInvalid, "The topic alias is 0.");
            case MqttPropertyId.TopicAliasMaximum:
                properties.UInt16();
                break;
            case MqttPropertyId.MessageExpiryInterval or MqttPropertyId.SessionExpiryInterval or MqttPropertyId.WillDelayInterval:
                properties.UInt32();
                break;
            case MqttPropertyId.ContentType or MqttPropertyId.AuthenticationMethod or MqttPropertyId.ReasonString:
                properties.Text();
                break;
            case MqttPropertyId.ResponseTopic:
                properties.TopicName();
                break;
            case MqttPropertyId.CorrelationData or MqttPropertyId.AuthenticationData:
                properties.Binary();
                break;
            case MqttPropertyId.UserProperty:
                properties.Text();
                properties.Text();
                break;
        }
    }

    private static bool Has(this ulong seen, MqttPropertyId id) => (seen & (1UL << (int)id)) != 0;
}
