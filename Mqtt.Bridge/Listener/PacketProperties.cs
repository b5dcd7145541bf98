using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>The properties of MQTT 5 that a client may send with each packet (table 2-4), and what they may hold.</summary>
internal static class PacketProperties
{
    public static readonly byte[] Connect = [0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27];
    public static readonly byte[] Will = [0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26];
    public static readonly byte[] Publish = [0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26];
    public static readonly byte[] Subscribe = [0x0B, 0x26];
    public static readonly byte[] Unsubscribe = [0x26];
    public static readonly byte[] Answer = [0x1F, 0x26];
    public static readonly byte[] Disconnect = [0x11, 0x1F, 0x26];

    /// <summary>Reads and checks the properties of a packet, which earlier versions do not have.</summary>
    /// <param name="reader">The packet, at its properties.</param>
    /// <param name="isVersion5">Whether the connection speaks MQTT 5.</param>
    /// <param name="allowed">Those that belong to this packet.</param>
    /// <returns>The properties that there are, a bit for each.</returns>
    public static ulong Check(ref PacketReader reader, bool isVersion5, byte[] allowed)
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

    /// <summary>Whether a property is there.</summary>
    public static bool Has(this ulong seen, MqttPropertyId id) => (seen & (1UL << (int)id)) != 0;
}
