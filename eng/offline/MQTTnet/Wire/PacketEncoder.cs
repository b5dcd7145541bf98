using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <summary>Writes packets in the form of a protocol version; what that version does not have is left out.</summary>
internal static partial class PacketEncoder
{
    public static void Encode(WireWriter writer, MqttPacket packet, MqttProtocolVersion version)
    {
        var rollback = writer.Length;
        try
        {
            EncodeCore(writer, packet, version);
        }
        catch
        {
            // Half a packet in the buffer would break those of other callers.
            writer.Truncate(rollback);
            throw;
        }
    }

    private static void EncodeCore(WireWriter writer, MqttPacket packet, MqttProtocolVersion version)
    {
        var v5 = version == MqttProtocolVersion.V500;
        switch (packet)
        {
            case MqttPublishPacket publish:
                WritePublish(writer, publish, v5);
                break;
            case MqttPubAckPacket p:
                WriteAcknowledgement(writer, 0x40, p.PacketIdentifier, (byte)p.ReasonCode, p.ReasonString, p.UserProperties, v5);
                break;
            case MqttPubRecPacket p:
                WriteAcknowledgement(writer, 0x50, p.PacketIdentifier, (byte)p.ReasonCode, p.ReasonString, p.UserProperties, v5);
                break;
            case MqttPubRelPacket p:
                WriteAcknowledgement(writer, 0x62, p.PacketIdentifier, (byte)p.ReasonCode, p.ReasonString, p.UserProperties, v5);
                break;
            case MqttPubCompPacket p:
                WriteAcknowledgement(writer, 0x70, p.PacketIdentifier, (byte)p.ReasonCode, p.ReasonString, p.UserProperties, v5);
                break;
            case MqttPingReqPacket:
                writer.WriteUInt16(0xC000);
                break;
            case MqttPingRespPacket:
                writer.WriteUInt16(0xD000);
                break;
            case MqttConnectPacket connect:
                WriteConnect(writer, connect, version);
                break;
            case MqttConnAckPacket connAck:
                WriteConnAck(writer, connAck, v5);
                break;
            case MqttSubscribePacket subscribe:
                WriteSubscribe(writer, subscribe, v5);
                break;
            case MqttSubAckPacket subAck:
                WriteSubAck(writer, subAck, v5);
                break;
            case MqttUnsubscribePacket unsubscribe:
                WriteUnsubscribe(writer, unsubscribe, v5);
                break;
            case MqttUnsubAckPacket unsubAck:
                WriteUnsubAck(writer, unsubAck, v5);
                break;
            case MqttDisconnectPacket disconnect:
                WriteDisconnect(writer, disconnect, v5);
                break;
            default:
                throw StandIn.Lacks($"encoding of {packet.GetType().Name}");
        }
    }

    private static void WritePublish(WireWriter writer, MqttPublishPacket packet, bool v5)
    {
        var header = 0x30 | (packet.Dup ? 8 : 0) | ((int)packet.QualityOfServiceLevel << 1) | (packet.Retain ? 1 : 0);
        writer.WriteByte((byte)header);
        var start = writer.BeginLengthPrefixed();
        writer.WriteString(packet.Topic);
        if (packet.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce)
        {
            writer.WriteUInt16(packet.PacketIdentifier);
        }

        if (v5)
        {
            var properties = writer.BeginLengthPrefixed();
            if (packet.PayloadFormatIndicator != MqttPayloadFormatIndicator.Unspecified)
            {
                Byte(writer, 0x01, (byte)packet.PayloadFormatIndicator);
            }

            UInt32(writer, 0x02, packet.MessageExpiryInterval);
            String(writer, 0x03, packet.ContentType);
            String(writer, 0x08, packet.ResponseTopic);
            Binary(writer, 0x09, packet.CorrelationData);
            foreach (var identifier in packet.SubscriptionIdentifiers ?? [])
            {
                writer.WriteByte(0x0B);
                writer.WriteVariableByteInteger(identifier);
            }

            UInt16(writer, 0x23, packet.TopicAlias);
            UserProperties(writer, packet.UserProperties);
            writer.EndLengthPrefixed(properties);
        }

        writer.WriteSequence(packet.Payload);
        writer.EndLengthPrefixed(start);
    }

    private static void WriteAcknowledgement(WireWriter writer, byte header, ushort identifier, byte reason, string? reasonString, List<MqttUserProperty>? userProperties, bool v5)
    {
        writer.WriteByte(header);
        var start = writer.BeginLengthPrefixed();
        writer.WriteUInt16(identifier);
        var hasProperties = reasonString is not null || userProperties is { Count: > 0 };
        if (v5 && (reason != 0 || hasProperties))
        {
            writer.WriteByte(reason);
            if (hasProperties)
            {
                Explanation(writer, reasonString, userProperties);
            }
        }

        writer.EndLengthPrefixed(start);
    }

    private static void Explanation(WireWriter writer, string? reasonString, List<MqttUserProperty>? userProperties)
    {
        var properties = writer.BeginLengthPrefixed();
        String(writer, 0x1F, reasonString);
        UserProperties(writer, userProperties);
        writer.EndLengthPrefixed(properties);
    }

    private static void Byte(WireWriter writer, byte id, byte value)
    {
        writer.WriteByte(id);
        writer.WriteByte(value);
    }

    private static void UInt16(WireWriter writer, byte id, ushort value)
    {
        if (value != 0)
        {
            writer.WriteByte(id);
            writer.WriteUInt16(value);
        }
    }

    private static void UInt32(WireWriter writer, byte id, uint value)
    {
        if (value != 0)
        {
            writer.WriteByte(id);
            writer.WriteUInt32(value);
        }
    }

    private static void String(WireWriter writer, byte id, string? value)
    {
        if (value is not null)
        {
            writer.WriteByte(id);
            writer.WriteString(value);
        }
    }

    private static void Binary(WireWriter writer, byte id, byte[]? value)
    {
        if (value is not null)
        {
            writer.WriteByte(id);
            writer.WriteBinary(value);
        }
    }

    private static void UserProperties(WireWriter writer, List<MqttUserProperty>? properties)
    {
        foreach (var property in properties ?? [])
        {
            writer.WriteByte(0x26);
            writer.WriteString(property.Name);
            writer.WriteBinary(property.ValueBuffer.Span);
        }
    }
}
