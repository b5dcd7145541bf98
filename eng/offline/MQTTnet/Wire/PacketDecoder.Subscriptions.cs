using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <content>The packets about subscriptions.</content>
internal static partial class PacketDecoder
{
    private static MqttSubscribePacket ReadSubscribe(ref WireReader reader, bool v5)
    {
        var packet = new MqttSubscribePacket { PacketIdentifier = ReadIdentifier(ref reader) };
        if (v5)
        {
            var properties = PropertyBag.Read(ref reader, PropertyBag.SubscribeAllowed);
            packet.SubscriptionIdentifier = properties.SubscriptionIdentifiers?[0] ?? 0;
            packet.UserProperties = properties.UserProperties;
        }

        if (reader.AtEnd)
        {
            throw MqttPacketRefusedException.Protocol("A subscribe has no topic filter.");
        }

        while (!reader.AtEnd)
        {
            packet.TopicFilters.Add(ReadFilter(ref reader, v5));
        }

        return packet;
    }

    private static MqttTopicFilter ReadFilter(ref WireReader reader, bool v5)
    {
        var topic = ReadFilterText(ref reader);
        var options = reader.ReadByte();
        var qos = options & 3;
        var retainHandling = (options >> 4) & 3;
        if (qos == 3 || (options & (v5 ? 0xC0 : 0xFC)) != 0)
        {
            throw MqttPacketRefusedException.Malformed($"The subscription options 0x{options:X2} do not exist.");
        }

        var noLocal = (options & 4) != 0;
        if (retainHandling == 3 || (noLocal && topic.StartsWith("$share/", StringComparison.Ordinal)))
        {
            throw MqttPacketRefusedException.Protocol($"The subscription options 0x{options:X2} are not allowed here.");
        }

        return new MqttTopicFilter
        {
            Topic = topic,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            NoLocal = noLocal,
            RetainAsPublished = (options & 8) != 0,
            RetainHandling = (MqttRetainHandling)retainHandling,
        };
    }

    private static MqttUnsubscribePacket ReadUnsubscribe(ref WireReader reader, bool v5)
    {
        var packet = new MqttUnsubscribePacket { PacketIdentifier = ReadIdentifier(ref reader) };
        if (v5)
        {
            packet.UserProperties = PropertyBag.Read(ref reader, PropertyBag.UnsubscribeAllowed).UserProperties;
        }

        if (reader.AtEnd)
        {
            throw MqttPacketRefusedException.Protocol("An unsubscribe has no topic filter.");
        }

        while (!reader.AtEnd)
        {
            packet.TopicFilters.Add(ReadFilterText(ref reader));
        }

        return packet;
    }

    private static MqttSubAckPacket ReadSubAck(ref WireReader reader, bool v5)
    {
        var packet = new MqttSubAckPacket { PacketIdentifier = ReadIdentifier(ref reader) };
        if (v5)
        {
            var properties = PropertyBag.Read(ref reader, PropertyBag.AcknowledgeAllowed);
            packet.ReasonString = properties.ReasonString;
            packet.UserProperties = properties.UserProperties;
        }

        while (!reader.AtEnd)
        {
            packet.ReasonCodes.Add((MqttSubscribeReasonCode)reader.ReadByte());
        }

        return packet;
    }

    private static MqttUnsubAckPacket ReadUnsubAck(ref WireReader reader, bool v5)
    {
        var packet = new MqttUnsubAckPacket { PacketIdentifier = ReadIdentifier(ref reader) };
        if (v5)
        {
            var properties = PropertyBag.Read(ref reader, PropertyBag.AcknowledgeAllowed);
            packet.ReasonString = properties.ReasonString;
            packet.UserProperties = properties.UserProperties;
            while (!reader.AtEnd)
            {
                packet.ReasonCodes.Add((MqttUnsubscribeReasonCode)reader.ReadByte());
            }
        }

        return packet;
    }

    private static string ReadFilterText(ref WireReader reader)
    {
        var filter = reader.ReadString();
        return MqttTopicValidator.IsValidFilter(filter)
            ? filter
            : throw new MqttPacketRefusedException(MqttDisconnectReasonCode.TopicFilterInvalid, "A topic filter is empty or has a wildcard in a wrong place.");
    }
}
