using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>What is unfinished between a client and the server: messages both ways, topic aliases, subscriptions. One for each connection.</summary>
/// <remarks>Used by the one who reads and the one who sends, side by side.</remarks>
/// <param name="connect">The CONNECT of the connection.</param>
/// <param name="isVersion5">Whether the connection speaks MQTT 5.</param>
/// <param name="maxInFlight">Messages that the client may have under way (Receive Maximum of the server).</param>
/// <param name="maxPending">Messages that the client may leave unacknowledged, those that wait to be sent included.</param>
internal sealed class PacketFlow(MqttConnectPacket connect, bool isVersion5, int maxInFlight, int maxPending)
{
    /// <summary>Topic aliases (MQTT 5, section 3.3.2.3.4) that a client may use; a tap publishes to four topics.</summary>
    public const ushort MaxTopicAliases = 16;

    private readonly Lock _gate = new();

    // Nearly all of thousands of connections are quiet: what one does not need yet, it does not have.
    // A bit for each topic alias that stands for a topic.
    private uint _aliases;

    // QoS 2 from the client: from the PUBLISH until its PUBREL.
    private HashSet<ushort>? _unreleased;

    // QoS 1 and 2 to the client: sent, and held back by its Receive Maximum.
    private HashSet<ushort>? _unacknowledged;
    private Queue<MqttPublishPacket>? _heldBack;

    // The MQTT server answers the filters of a SUBSCRIBE by falling QoS: their places in the packet, in that order, until it is answered.
    private Dictionary<ushort, int[]>? _filterOrder;

    // By the server's count, which MQTT 3.1.1 is not told of: its messages are read one by one, as they are answered.
    private int _inFlight;

    /// <summary>Whether the server has an answer to a packet.</summary>
    public static bool IsAnswered(MqttPacket packet) =>
        packet is MqttPingReqPacket or MqttSubscribePacket or MqttUnsubscribePacket or MqttPubRecPacket or MqttPubRelPacket
        || packet is MqttPublishPacket { QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce };

    /// <summary>Whether a packet is such an answer.</summary>
    public static bool IsAnswer(MqttPacket packet) =>
        packet is MqttPingRespPacket or MqttSubAckPacket or MqttUnsubAckPacket
        || packet is MqttPubAckPacket or MqttPubRecPacket or MqttPubRelPacket or MqttPubCompPacket;

    private int ReceiveMaximum => connect.ReceiveMaximum == 0 ? ushort.MaxValue : connect.ReceiveMaximum;

    /// <summary>Takes note of a packet of the client.</summary>
    /// <returns>An answer to it that the MQTT server must not see the packet for; null when the server handles it.</returns>
    /// <exception cref="PacketException">It must not be sent now.</exception>
    public MqttPacket? Received(MqttPacket packet)
    {
        lock (_gate)
        {
            switch (packet)
            {
                case MqttConnectPacket:
                    throw PacketException.ProtocolError("There was a CONNECT before.");
                case MqttPublishPacket publish:
                    return ReceivedPublish(publish);
                case MqttPubRelPacket release when _unreleased?.Remove(release.PacketIdentifier) is not true:
                    return new MqttPubCompPacket
                    {
                        PacketIdentifier = release.PacketIdentifier,
                        ReasonCode = MqttPubCompReasonCode.PacketIdentifierNotFound,
                    };
                case MqttSubscribePacket subscribe:
                    (_filterOrder ??= [])[subscribe.PacketIdentifier] =
                    [
                        .. subscribe
                            .TopicFilters.Index()
                            .OrderByDescending(filter => filter.Item.QualityOfServiceLevel)
                            .Select(filter => filter.Index),
                    ];
                    return null;
                case MqttDisconnectPacket { SessionExpiryInterval: > 0 } when connect.SessionExpiryInterval == 0:
                    throw PacketException.ProtocolError("A session that was to end with its connection cannot be kept.");
                default:
                    return null;
            }
        }
    }

    /// <summary>The client has acknowledged a message.</summary>
    /// <returns>The next message to be sent; null when there is none, or the client has no room for one.</returns>
    public MqttPublishPacket? Acknowledged(ushort packetId)
    {
        lock (_gate)
        {
            _unacknowledged?.Remove(packetId);
            if (_unacknowledged?.Count >= ReceiveMaximum || _heldBack is null || !_heldBack.TryDequeue(out var next))
            {
                return null;
            }

            (_unacknowledged ??= []).Add(next.PacketIdentifier);
            return next;
        }
    }

    /// <summary>Takes note of a packet to the client, before it is out: its receiver may answer at once.</summary>
    /// <returns>False when it is held back until the client has acknowledged an earlier one.</returns>
    /// <exception cref="TimeoutException">The client has left too many messages unacknowledged.</exception>
    public bool Sending(MqttPacket packet)
    {
        lock (_gate)
        {
            switch (packet)
            {
                case MqttPublishPacket { QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce } publish:
                    return SendingPublish(publish);
                case MqttPubRecPacket { ReasonCode: >= MqttPubRecReasonCode.UnspecifiedError } refused:
                    _unreleased?.Remove(refused.PacketIdentifier);
                    _inFlight--;
                    return true;
                case MqttPubAckPacket or MqttPubCompPacket:
                    _inFlight--;
                    return true;
                case MqttSubAckPacket answer when _filterOrder is not null && _filterOrder.Remove(answer.PacketIdentifier, out var order):
                    _filterOrder = _filterOrder.Count > 0 ? _filterOrder : null;
                    answer.ReasonCodes = [.. order.Zip(answer.ReasonCodes).OrderBy(code => code.First).Select(code => code.Second)];
                    return true;
                default:
                    return true;
            }
        }
    }

    private MqttPubRecPacket? ReceivedPublish(MqttPublishPacket publish)
    {
        if (publish.TopicAlias > MaxTopicAliases)
        {
            throw new PacketException(MqttDisconnectReasonCode.TopicAliasInvalid, $"The topic alias is above {MaxTopicAliases}.");
        }

        if (publish.Topic.Length > 0 && publish.TopicAlias > 0)
        {
            _aliases |= 1u << publish.TopicAlias;
        }
        else if (publish.Topic.Length == 0 && (_aliases & (1u << publish.TopicAlias)) == 0)
        {
            throw PacketException.ProtocolError("The topic alias stands for no topic yet.");
        }

        if (publish.QualityOfServiceLevel is MqttQualityOfServiceLevel.ExactlyOnce && !(_unreleased ??= []).Add(publish.PacketIdentifier))
        {
            // Again, since its PUBREC was lost: it was taken, and counts once (MQTT 5, section 4.3.3).
            return new MqttPubRecPacket { PacketIdentifier = publish.PacketIdentifier };
        }

        if (publish.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce && ++_inFlight > maxInFlight && isVersion5)
        {
            throw new PacketException(MqttDisconnectReasonCode.ReceiveMaximumExceeded, $"More than {maxInFlight} messages are under way.");
        }

        return null;
    }

    private bool SendingPublish(MqttPublishPacket publish)
    {
        _unacknowledged ??= [];
        if (_unacknowledged.Count + (_heldBack?.Count ?? 0) >= maxPending)
        {
            throw new TimeoutException("The client does not acknowledge what it gets.");
        }

        if (_unacknowledged.Count < ReceiveMaximum)
        {
            _unacknowledged.Add(publish.PacketIdentifier);
            return true;
        }

        (_heldBack ??= []).Enqueue(publish);
        return false;
    }
}
