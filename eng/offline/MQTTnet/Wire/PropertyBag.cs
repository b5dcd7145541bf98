using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <summary>The MQTT 5.0 properties of one packet (section 2.2.2). A null means that a property is absent.</summary>
internal sealed class PropertyBag
{
    public const ulong ConnectAllowed = 1UL << 0x11 | 1UL << 0x15 | 1UL << 0x16 | 1UL << 0x17 | 1UL << 0x19 | 1UL << 0x21 | 1UL << 0x22 | 1UL << 0x26 | 1UL << 0x27;
    public const ulong WillAllowed = 1UL << 0x01 | 1UL << 0x02 | 1UL << 0x03 | 1UL << 0x08 | 1UL << 0x09 | 1UL << 0x18 | 1UL << 0x26;
    public const ulong ConnAckAllowed = 1UL << 0x11 | 1UL << 0x12 | 1UL << 0x13 | 1UL << 0x15 | 1UL << 0x16 | 1UL << 0x1A | 1UL << 0x1C | 1UL << 0x1F | 1UL << 0x21 | 1UL << 0x22 | 1UL << 0x24 | 1UL << 0x25 | 1UL << 0x26 | 1UL << 0x27 | 1UL << 0x28 | 1UL << 0x29 | 1UL << 0x2A;
    public const ulong PublishAllowed = 1UL << 0x01 | 1UL << 0x02 | 1UL << 0x03 | 1UL << 0x08 | 1UL << 0x09 | 1UL << 0x0B | 1UL << 0x23 | 1UL << 0x26;
    public const ulong AcknowledgeAllowed = 1UL << 0x1F | 1UL << 0x26;
    public const ulong SubscribeAllowed = 1UL << 0x0B | 1UL << 0x26;
    public const ulong UnsubscribeAllowed = 1UL << 0x26;
    public const ulong DisconnectAllowed = 1UL << 0x11 | 1UL << 0x1C | 1UL << 0x1F | 1UL << 0x26;
    public const ulong AuthAllowed = 1UL << 0x15 | 1UL << 0x16 | 1UL << 0x1F | 1UL << 0x26;

    private const ulong Repeatable = 1UL << 0x26;
    private const int MaximumCount = 1024;
    private static readonly PropertyBag None = new();

    public bool PayloadIsText { get; private set; }
    public uint? MessageExpiryInterval { get; private set; }
    public string? ContentType { get; private set; }
    public string? ResponseTopic { get; private set; }
    public byte[]? CorrelationData { get; private set; }
    public List<uint>? SubscriptionIdentifiers { get; private set; }
    public uint? SessionExpiryInterval { get; private set; }
    public string? AssignedClientIdentifier { get; private set; }
    public ushort? ServerKeepAlive { get; private set; }
    public string? AuthenticationMethod { get; private set; }
    public byte[]? AuthenticationData { get; private set; }
    public bool? RequestProblemInformation { get; private set; }
    public uint? WillDelayInterval { get; private set; }
    public bool? RequestResponseInformation { get; private set; }
    public string? ResponseInformation { get; private set; }
    public string? ServerReference { get; private set; }
    public string? ReasonString { get; private set; }
    public ushort? ReceiveMaximum { get; private set; }
    public ushort? TopicAliasMaximum { get; private set; }
    public ushort? TopicAlias { get; private set; }
    public bool? QoS1IsMaximum { get; private set; }
    public bool? RetainAvailable { get; private set; }
    public List<MqttUserProperty>? UserProperties { get; private set; }
    public uint? MaximumPacketSize { get; private set; }
    public bool? WildcardSubscriptionAvailable { get; private set; }
    public bool? SubscriptionIdentifiersAvailable { get; private set; }
    public bool? SharedSubscriptionAvailable { get; private set; }

    /// <summary>Reads length and properties; one that is not in <paramref name="allowed"/>, or comes twice, is a protocol error.</summary>
    public static PropertyBag Read(ref WireReader packet, ulong allowed)
    {
        var length = packet.ReadVariableByteInteger();
        if (length == 0)
        {
            return None;
        }

        var reader = packet.Slice(length);
        var bag = new PropertyBag();
        ulong seen = 0;
        var count = 0;
        while (!reader.AtEnd)
        {
            var id = reader.ReadVariableByteInteger();
            var bit = id < 64 ? 1UL << (int)id : 0;
            if ((allowed & bit) == 0)
            {
                throw MqttPacketRefusedException.Malformed($"The property 0x{id:X2} does not belong into this packet.");
            }

            // A publish may name several matching subscriptions; a subscribe has one identifier.
            var repeatable = Repeatable | (allowed == PublishAllowed ? 1UL << 0x0B : 0);
            if ((seen & bit & ~repeatable) != 0)
            {
                throw MqttPacketRefusedException.Protocol($"The property 0x{id:X2} comes twice.");
            }

            if (++count > MaximumCount)
            {
                throw new MqttPacketRefusedException(MqttDisconnectReasonCode.QuotaExceeded, $"The packet has more than {MaximumCount} properties.");
            }

            seen |= bit;
            bag.ReadOne(id, ref reader);
        }

        return bag;
    }

    private void ReadOne(uint id, ref WireReader reader)
    {
        switch (id)
        {
            case 0x01: PayloadIsText = ReadFlag(ref reader); break;
            case 0x02: MessageExpiryInterval = reader.ReadUInt32(); break;
            case 0x03: ContentType = reader.ReadString(); break;
            case 0x08: ResponseTopic = reader.ReadString(); break;
            case 0x09: CorrelationData = reader.ReadBinary(); break;
            case 0x0B: (SubscriptionIdentifiers ??= []).Add(NotZero(reader.ReadVariableByteInteger(), "subscription identifier")); break;
            case 0x11: SessionExpiryInterval = reader.ReadUInt32(); break;
            case 0x12: AssignedClientIdentifier = reader.ReadString(); break;
            case 0x13: ServerKeepAlive = reader.ReadUInt16(); break;
            case 0x15: AuthenticationMethod = reader.ReadString(); break;
            case 0x16: AuthenticationData = reader.ReadBinary(); break;
            case 0x17: RequestProblemInformation = ReadFlag(ref reader); break;
            case 0x18: WillDelayInterval = reader.ReadUInt32(); break;
            case 0x19: RequestResponseInformation = ReadFlag(ref reader); break;
            case 0x1A: ResponseInformation = reader.ReadString(); break;
            case 0x1C: ServerReference = reader.ReadString(); break;
            case 0x1F: ReasonString = reader.ReadString(); break;
            case 0x21: ReceiveMaximum = (ushort)NotZero(reader.ReadUInt16(), "receive maximum"); break;
            case 0x22: TopicAliasMaximum = reader.ReadUInt16(); break;
            case 0x23: TopicAlias = reader.ReadUInt16(); break;
            case 0x24: QoS1IsMaximum = ReadFlag(ref reader); break;
            case 0x25: RetainAvailable = ReadFlag(ref reader); break;
            case 0x26: (UserProperties ??= []).Add(new MqttUserProperty(reader.ReadString(), (ReadOnlyMemory<byte>)reader.ReadUtf8())); break;
            case 0x27: MaximumPacketSize = NotZero(reader.ReadUInt32(), "maximum packet size"); break;
            case 0x28: WildcardSubscriptionAvailable = ReadFlag(ref reader); break;
            case 0x29: SubscriptionIdentifiersAvailable = ReadFlag(ref reader); break;
            case 0x2A: SharedSubscriptionAvailable = ReadFlag(ref reader); break;
            default: throw MqttPacketRefusedException.Malformed($"There is no property 0x{id:X2}.");
        }
    }

    private static bool ReadFlag(ref WireReader reader) => reader.ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw MqttPacketRefusedException.Protocol($"A property that is 0 or 1 has the value {other}."),
    };

    private static uint NotZero(uint value, string name) =>
        value != 0 ? value : throw MqttPacketRefusedException.Protocol($"The {name} must not be 0.");
}
