using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>
/// Checks the bytes of a client's packet against OASIS MQTT 3.1.1 and 5.0. What they call malformed or a protocol error throws a
/// <see cref="PacketException"/>; the MQTT server lets much of it pass.
/// </summary>
internal static class PacketValidator
{
    private const MqttDisconnectReasonCode UnsupportedVersion = (MqttDisconnectReasonCode)MqttConnectReasonCode.UnsupportedProtocolVersion;

    private const byte PayloadFormat = 0x01;
    private const byte MessageExpiry = 0x02;
    private const byte ContentType = 0x03;
    private const byte ResponseTopic = 0x08;
    private const byte CorrelationData = 0x09;
    private const byte SubscriptionId = 0x0B;
    private const byte SessionExpiry = 0x11;
    private const byte AuthenticationMethod = 0x15;
    private const byte AuthenticationData = 0x16;
    private const byte RequestProblemInformation = 0x17;
    private const byte WillDelay = 0x18;
    private const byte RequestResponseInformation = 0x19;
    private const byte ReasonString = 0x1F;
    private const byte ReceiveMaximum = 0x21;
    private const byte TopicAliasMaximum = 0x22;
    private const byte TopicAlias = 0x23;
    private const byte UserProperty = 0x26;
    private const byte MaximumPacketSize = 0x27;

    // Properties that a client may send with each packet (MQTT 5, table 2-4), and reason codes (table 2-6).
    private static readonly byte[] ConnectProperties =
    [
        SessionExpiry,
        AuthenticationMethod,
        AuthenticationData,
        RequestProblemInformation,
        RequestResponseInformation,
        ReceiveMaximum,
        TopicAliasMaximum,
        UserProperty,
        MaximumPacketSize,
    ];
    private static readonly byte[] PublishProperties =
    [
        PayloadFormat,
        MessageExpiry,
        ContentType,
        ResponseTopic,
        CorrelationData,
        TopicAlias,
        UserProperty,
    ];
    private static readonly byte[] WillProperties =
    [
        PayloadFormat,
        MessageExpiry,
        ContentType,
        ResponseTopic,
        CorrelationData,
        WillDelay,
        UserProperty,
    ];
    private static readonly byte[] AnswerProperties = [ReasonString, UserProperty];
    private static readonly byte[] SubscribeProperties = [SubscriptionId, UserProperty];
    private static readonly byte[] DisconnectProperties = [SessionExpiry, ReasonString, UserProperty];
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
        var isClientsType =
            type is MqttControlPacketType.Connect or (>= MqttControlPacketType.Publish and <= MqttControlPacketType.Subscribe)
            || type is MqttControlPacketType.Unsubscribe or MqttControlPacketType.PingReq or MqttControlPacketType.Disconnect
            || (type is MqttControlPacketType.Auth && isVersion5);
        if (!isClientsType)
        {
            var isServersType =
                type
                is MqttControlPacketType.ConnAck
                    or MqttControlPacketType.SubAck
                    or MqttControlPacketType.UnsubAck
                    or MqttControlPacketType.PingResp;
            throw isServersType
                ? PacketException.ProtocolError($"A client must not send {type}.")
                : PacketException.Malformed("The packet type is reserved.");
        }

        if (type is MqttControlPacketType.Publish)
        {
            CheckPublish(flags, ref reader, isVersion5);
            return;
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
                CheckSubscribe(ref reader, isVersion5);
                break;
            case MqttControlPacketType.Unsubscribe:
                CheckUnsubscribe(ref reader, isVersion5);
                break;
            case MqttControlPacketType.Disconnect:
                CheckAnswer(ref reader, isVersion5, DisconnectCodes, DisconnectProperties);
                break;
            case MqttControlPacketType.Auth:
                throw PacketException.ProtocolError("No authentication method was agreed on.");
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

        if (!CheckProperties(ref reader, isVersion5, PublishProperties).HasFlag(TopicAlias) && topic.IsEmpty)
        {
            throw PacketException.ProtocolError("There is neither a topic name nor a topic alias.");
        }
    }

    private static void CheckSubscribe(ref PacketReader reader, bool isVersion5)
    {
        reader.PacketId();
        CheckProperties(ref reader, isVersion5, SubscribeProperties);
        do
        {
            if (reader.IsEmpty)
            {
                throw PacketException.ProtocolError("There is no topic filter.");
            }

            var isShared = reader.TopicFilter(isVersion5);
            var options = reader.Byte();
            if ((options & (isVersion5 ? 0xC0 : 0xFC)) != 0)
            {
                throw PacketException.Malformed("Reserved bits of the subscription options are set.");
            }

            if ((options & 0x03) == 0x03 || (options & 0x30) == 0x30 || (isShared && (options & 0x04) != 0))
            {
                throw PacketException.ProtocolError("The subscription options are none that there are.");
            }
        } while (!reader.IsEmpty);
    }

    private static void CheckUnsubscribe(ref PacketReader reader, bool isVersion5)
    {
        reader.PacketId();
        CheckProperties(ref reader, isVersion5, [UserProperty]);
        do
        {
            if (reader.IsEmpty)
            {
                throw PacketException.ProtocolError("There is no topic filter.");
            }

            reader.TopicFilter(isVersion5);
        } while (!reader.IsEmpty);
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

    private static ulong CheckProperties(ref PacketReader reader, bool isVersion5, ReadOnlySpan<byte> allowed)
    {
        var seen = 0UL;
        if (!isVersion5)
        {
            return seen;
        }

        var properties = new PacketReader(reader.Take(reader.VariableInt()));
        while (!properties.IsEmpty)
        {
            var id = properties.Byte();
            if (!allowed.Contains(id))
            {
                throw PacketException.Malformed($"Property {id} does not belong to this packet.");
            }

            if (id != UserProperty && seen.HasFlag(id))
            {
                throw PacketException.ProtocolError($"Property {id} comes twice.");
            }

            seen |= 1UL << id;
            CheckValue(id, ref properties);
        }

        return seen.HasFlag(AuthenticationData) && !seen.HasFlag(AuthenticationMethod)
            ? throw PacketException.ProtocolError("There is authentication data without a method.")
            : seen;
    }

    private static void CheckValue(byte id, ref PacketReader properties)
    {
        switch (id)
        {
            case PayloadFormat or RequestProblemInformation or RequestResponseInformation when properties.Byte() > 1:
                throw PacketException.ProtocolError($"Property {id} is neither 0 nor 1.");
            case ReceiveMaximum when properties.UInt16() == 0:
            case MaximumPacketSize when properties.UInt32() == 0:
            case SubscriptionId when properties.VariableInt() == 0:
                throw PacketException.ProtocolError($"Property {id} is 0.");
            case TopicAlias when properties.UInt16() == 0:
                throw new PacketException(MqttDisconnectReasonCode.TopicAliasInvalid, "The topic alias is 0.");
            case TopicAliasMaximum:
                properties.UInt16();
                break;
            case MessageExpiry or SessionExpiry or WillDelay:
                properties.UInt32();
                break;
            case ContentType or AuthenticationMethod or ReasonString:
                properties.Text();
                break;
            case ResponseTopic:
                properties.TopicName();
                break;
            case CorrelationData or AuthenticationData:
                properties.Binary();
                break;
            case UserProperty:
                properties.Text();
                properties.Text();
                break;
        }
    }

    private static bool HasFlag(this ulong seen, byte id) => (seen & (1UL << id)) != 0;
}
