using Mqtt.Bridge.Listener;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Connections;

/// <summary>What a client may send, and how much may be unfinished between it and the server. One for each connection.</summary>
/// <remarks>Called by the one who reads and the one who sends, side by side.</remarks>
internal sealed class PacketRules(MqttListenerOptions options)
{
    /// <summary>Topic aliases (MQTT 5, section 3.3.2.3.4) that a client may use; a tap publishes to four topics.</summary>
    private const ushort MaxTopicAliases = 16;

    private readonly HashSet<ushort> _unacknowledged = [];
    private bool _isConnected;
    private int _inFlight;

    /// <summary>Whether the server has an answer to a packet.</summary>
    public static bool IsAnswered(MqttPacket packet) =>
        packet
            is MqttPingReqPacket
                or MqttSubscribePacket
                or MqttUnsubscribePacket
                or MqttPubRecPacket
                or MqttPubRelPacket
                or MqttPublishPacket { QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce };

    /// <summary>Whether a packet is such an answer.</summary>
    public static bool IsAnswer(MqttPacket packet) =>
        packet
            is MqttPingRespPacket
                or MqttSubAckPacket
                or MqttUnsubAckPacket
                or MqttPubAckPacket
                or MqttPubRecPacket
                or MqttPubRelPacket
                or MqttPubCompPacket;

    /// <summary>Tells a client of MQTT 5 the limits; before MQTT 5 there is no room for them.</summary>
    public void Announce(MqttConnAckPacket answer)
    {
        answer.ReceiveMaximum = (ushort)options.MaxInFlight;
        answer.MaximumPacketSize = (uint)options.MaxPacketSize;
        answer.TopicAliasMaximum = MaxTopicAliases;
    }

    /// <summary>Judges a packet that was received.</summary>
    /// <returns>Why the connection must end; null when it goes on.</returns>
    public MqttDisconnectReasonCode? Judge(MqttPacket packet, bool isVersion5)
    {
        switch (packet)
        {
            case MqttConnectPacket when !_isConnected:
                _isConnected = true;
                return null;
            case MqttPublishPacket { TopicAlias: > MaxTopicAliases }:
                return MqttDisconnectReasonCode.TopicAliasInvalid;
            case MqttPublishPacket { QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce }:
                // Of MQTT 3.1.1 nothing is asked: its messages are read one by one, as they are answered.
                return Interlocked.Increment(ref _inFlight) > options.MaxInFlight && isVersion5
                    ? MqttDisconnectReasonCode.ReceiveMaximumExceeded
                    : null;
            case MqttPubAckPacket or MqttPubCompPacket:
                lock (_unacknowledged)
                {
                    _unacknowledged.Remove(((MqttPacketWithIdentifier)packet).PacketIdentifier);
                }

                return null;
            case MqttPublishPacket
            or MqttPubRecPacket
            or MqttPubRelPacket
            or MqttSubscribePacket
            or MqttUnsubscribePacket
            or MqttPingReqPacket
            or MqttDisconnectPacket:
                return null;
            default:
                return MqttDisconnectReasonCode.ProtocolError;
        }
    }

    /// <summary>Notes a packet that is to be sent; before it is out, since its receiver may answer at once.</summary>
    /// <returns>False when the client has left too many messages unacknowledged; the server would keep them all.</returns>
    public bool MaySend(MqttPacket packet)
    {
        switch (packet)
        {
            case MqttPublishPacket { QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce } publish:
                lock (_unacknowledged)
                {
                    _unacknowledged.Add(publish.PacketIdentifier);
                    return _unacknowledged.Count <= options.MaxPendingMessages;
                }

            case MqttPubAckPacket
            or MqttPubCompPacket
            or MqttPubRecPacket { ReasonCode: >= MqttPubRecReasonCode.UnspecifiedError }:
                Interlocked.Decrement(ref _inFlight);
                return true;
            default:
                return true;
        }
    }
}
