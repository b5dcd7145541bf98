using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <content>The packets that open and end a connection, and those about subscriptions.</content>
internal static partial class PacketEncoder
{
    private static void WriteConnect(WireWriter writer, MqttConnectPacket packet, MqttProtocolVersion version)
    {
        var v5 = version == MqttProtocolVersion.V500;
        writer.WriteByte(0x10);
        var start = writer.BeginLengthPrefixed();
        writer.WriteString(version == MqttProtocolVersion.V310 ? "MQIsdp" : "MQTT");

        // Bit 7 of the level is how a bridge shows itself before MQTT 5.0 (an extension of mosquitto).
        writer.WriteByte((byte)((int)version | (packet.TryPrivate ? 0x80 : 0)));
        var flags = packet.CleanSession ? 0x02 : 0;
        if (packet.WillFlag)
        {
            flags |= 0x04 | ((int)packet.WillQoS << 3) | (packet.WillRetain ? 0x20 : 0);
        }

        flags |= (packet.Password is not null ? 0x40 : 0) | (packet.Username is not null ? 0x80 : 0);
        writer.WriteByte((byte)flags);
        writer.WriteUInt16(packet.KeepAlivePeriod);
        if (v5)
        {
            var properties = writer.BeginLengthPrefixed();
            UInt32(writer, 0x11, packet.SessionExpiryInterval);
            String(writer, 0x15, packet.AuthenticationMethod);
            Binary(writer, 0x16, packet.AuthenticationData);
            if (!packet.RequestProblemInformation)
            {
                Byte(writer, 0x17, 0);
            }

            if (packet.RequestResponseInformation)
            {
                Byte(writer, 0x19, 1);
            }

            UInt16(writer, 0x21, packet.ReceiveMaximum);
            UInt16(writer, 0x22, packet.TopicAliasMaximum);
            UserProperties(writer, packet.UserProperties);
            UInt32(writer, 0x27, packet.MaximumPacketSize);
            writer.EndLengthPrefixed(properties);
        }

        writer.WriteString(packet.ClientId);
        if (packet.WillFlag)
        {
            WriteWill(writer, packet, v5);
        }

        if (packet.Username is not null)
        {
            writer.WriteString(packet.Username);
        }

        if (packet.Password is not null)
        {
            writer.WriteBinary(packet.Password);
        }

        writer.EndLengthPrefixed(start);
    }

    private static void WriteWill(WireWriter writer, MqttConnectPacket packet, bool v5)
    {
        if (v5)
        {
            var properties = writer.BeginLengthPrefixed();
            if (packet.WillPayloadFormatIndicator != MqttPayloadFormatIndicator.Unspecified)
            {
                Byte(writer, 0x01, (byte)packet.WillPayloadFormatIndicator);
            }

            UInt32(writer, 0x02, packet.WillMessageExpiryInterval);
            String(writer, 0x03, packet.WillContentType);
            String(writer, 0x08, packet.WillResponseTopic);
            Binary(writer, 0x09, packet.WillCorrelationData);
            UInt32(writer, 0x18, packet.WillDelayInterval);
            UserProperties(writer, packet.WillUserProperties);
            writer.EndLengthPrefixed(properties);
        }

        writer.WriteString(packet.WillTopic);
        writer.WriteBinary(packet.WillMessage);
    }

    private static void WriteConnAck(WireWriter writer, MqttConnAckPacket packet, bool v5)
    {
        writer.WriteByte(0x20);
        var start = writer.BeginLengthPrefixed();
        writer.WriteByte((byte)(packet.IsSessionPresent ? 1 : 0));
        writer.WriteByte(v5 ? (byte)packet.ReasonCode : (byte)packet.ReturnCode);
        if (v5)
        {
            var properties = writer.BeginLengthPrefixed();
            if (packet.HasSessionExpiryInterval)
            {
                writer.WriteByte(0x11);
                writer.WriteUInt32(packet.SessionExpiryInterval);
            }

            UInt16(writer, 0x21, packet.ReceiveMaximum);
            if (packet.MaximumQoS != MqttQualityOfServiceLevel.ExactlyOnce)
            {
                Byte(writer, 0x24, (byte)packet.MaximumQoS);
            }

            FlagIfNo(writer, 0x25, packet.RetainAvailable);
            UInt32(writer, 0x27, packet.MaximumPacketSize);
            String(writer, 0x12, packet.AssignedClientIdentifier);
            UInt16(writer, 0x22, packet.TopicAliasMaximum);
            String(writer, 0x1F, packet.ReasonString);
            UserProperties(writer, packet.UserProperties);
            FlagIfNo(writer, 0x28, packet.WildcardSubscriptionAvailable);
            FlagIfNo(writer, 0x29, packet.SubscriptionIdentifiersAvailable);
            FlagIfNo(writer, 0x2A, packet.SharedSubscriptionAvailable);
            UInt16(writer, 0x13, packet.ServerKeepAlive);
            String(writer, 0x1A, packet.ResponseInformation);
            String(writer, 0x1C, packet.ServerReference);
            String(writer, 0x15, packet.AuthenticationMethod);
            Binary(writer, 0x16, packet.AuthenticationData);
            writer.EndLengthPrefixed(properties);
        }

        writer.EndLengthPrefixed(start);
    }

    private static void WriteDisconnect(WireWriter writer, MqttDisconnectPacket packet, bool v5)
    {
        writer.WriteByte(0xE0);
        var start = writer.BeginLengthPrefixed();
        var hasProperties = packet.SessionExpiryInterval != 0 || packet.HasSessionExpiryInterval || packet.ReasonString is not null || packet.ServerReference is not null || packet.UserProperties is { Count: > 0 };
        if (v5 && (packet.ReasonCode != MqttDisconnectReasonCode.NormalDisconnection || hasProperties))
        {
            writer.WriteByte((byte)packet.ReasonCode);
            var properties = writer.BeginLengthPrefixed();
            if (packet.SessionExpiryInterval != 0 || packet.HasSessionExpiryInterval)
            {
                writer.WriteByte(0x11);
                writer.WriteUInt32(packet.SessionExpiryInterval);
            }

            String(writer, 0x1C, packet.ServerReference);
            String(writer, 0x1F, packet.ReasonString);
            UserProperties(writer, packet.UserProperties);
            writer.EndLengthPrefixed(properties);
        }

        writer.EndLengthPrefixed(start);
    }

    private static void WriteSubscribe(WireWriter writer, MqttSubscribePacket packet, bool v5)
    {
        writer.WriteByte(0x82);
        var start = writer.BeginLengthPrefixed();
        writer.WriteUInt16(packet.PacketIdentifier);
        if (v5)
        {
            var properties = writer.BeginLengthPrefixed();
            if (packet.SubscriptionIdentifier != 0)
            {
                writer.WriteByte(0x0B);
                writer.WriteVariableByteInteger(packet.SubscriptionIdentifier);
            }

            UserProperties(writer, packet.UserProperties);
            writer.EndLengthPrefixed(properties);
        }

        foreach (var filter in packet.TopicFilters)
        {
            writer.WriteString(filter.Topic);
            var options = (int)filter.QualityOfServiceLevel;
            if (v5)
            {
                options |= (filter.NoLocal ? 4 : 0) | (filter.RetainAsPublished ? 8 : 0) | ((int)filter.RetainHandling << 4);
            }

            writer.WriteByte((byte)options);
        }

        writer.EndLengthPrefixed(start);
    }

    private static void WriteSubAck(WireWriter writer, MqttSubAckPacket packet, bool v5)
    {
        writer.WriteByte(0x90);
        var start = writer.BeginLengthPrefixed();
        writer.WriteUInt16(packet.PacketIdentifier);
        if (v5)
        {
            Explanation(writer, packet.ReasonString, packet.UserProperties);
        }

        foreach (var reason in packet.ReasonCodes)
        {
            // MQTT 3.1.1 knows one failure only.
            writer.WriteByte(v5 || (int)reason < 0x80 ? (byte)reason : (byte)0x80);
        }

        writer.EndLengthPrefixed(start);
    }

    private static void WriteUnsubscribe(WireWriter writer, MqttUnsubscribePacket packet, bool v5)
    {
        writer.WriteByte(0xA2);
        var start = writer.BeginLengthPrefixed();
        writer.WriteUInt16(packet.PacketIdentifier);
        if (v5)
        {
            var properties = writer.BeginLengthPrefixed();
            UserProperties(writer, packet.UserProperties);
            writer.EndLengthPrefixed(properties);
        }

        foreach (var filter in packet.TopicFilters)
        {
            writer.WriteString(filter);
        }

        writer.EndLengthPrefixed(start);
    }

    private static void WriteUnsubAck(WireWriter writer, MqttUnsubAckPacket packet, bool v5)
    {
        writer.WriteByte(0xB0);
        var start = writer.BeginLengthPrefixed();
        writer.WriteUInt16(packet.PacketIdentifier);
        if (v5)
        {
            Explanation(writer, packet.ReasonString, packet.UserProperties);
            foreach (var reason in packet.ReasonCodes)
            {
                writer.WriteByte((byte)reason);
            }
        }

        writer.EndLengthPrefixed(start);
    }

    private static void FlagIfNo(WireWriter writer, byte id, bool available)
    {
        if (!available)
        {
            Byte(writer, id, 0);
        }
    }
}
