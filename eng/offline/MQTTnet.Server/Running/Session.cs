using System.Collections;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Running;

/// <summary>What became of a message for a session.</summary>
internal enum EnqueueResult
{
    Queued,
    Dropped,
}

/// <summary>
/// The state of one client (section 4.1): subscriptions, messages that wait, messages that are not fully acknowledged. It outlives
/// connections when the client asked for that. Waiting and unacknowledged messages are bounded each.
/// </summary>
internal sealed class Session(string id, string? userName, IDictionary items, MqttServerOptions options)
{
    /// <summary>An expiry interval that never ends.</summary>
    public const uint NeverExpires = uint.MaxValue;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Subscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly Queue<(MqttPublishPacket Packet, long QueuedAt)> _queue = new();
    private readonly OrderedDictionary<ushort, InFlight> _inFlight = [];
    private readonly int _window = Math.Clamp(options.MaxPendingMessagesPerClient, 20, ushort.MaxValue);
    private ClientConnection? _connection;
    private ushort _lastIdentifier;

    public string Id { get; } = id;

    public string? UserName { get; set; } = userName;

    public IDictionary Items { get; } = items;

    public DateTime CreatedAt { get; } = TimeProvider.System.GetUtcNow().UtcDateTime;

    public DateTime? DisconnectedAt { get; set; }

    /// <summary>Seconds that the session outlives its connection.</summary>
    public uint ExpiryInterval { get; set; }

    /// <summary>The connection that sends; null while there is none.</summary>
    public ClientConnection? Connection
    {
        get => Volatile.Read(ref _connection);
        set
        {
            lock (_gate)
            {
                _connection = value;
            }
        }
    }

    public int PendingCount
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Adds or replaces a subscription. Returns whether it is new; null when the session has too many.</summary>
    public bool? Subscribe(Subscription subscription, int maximum)
    {
        lock (_gate)
        {
            var isNew = !_subscriptions.ContainsKey(subscription.Filter);
            if (isNew && _subscriptions.Count >= maximum)
            {
                return null;
            }

            _subscriptions[subscription.Filter] = subscription;
            return isNew;
        }
    }

    public bool IsSubscribed(string filter)
    {
        lock (_gate)
        {
            return _subscriptions.ContainsKey(filter);
        }
    }

    public bool Unsubscribe(string filter)
    {
        lock (_gate)
        {
            return _subscriptions.Remove(filter);
        }
    }

    public string[] Filters()
    {
        lock (_gate)
        {
            return [.. _subscriptions.Keys];
        }
    }

    /// <summary>Queues a message; <paramref name="overwritten"/> is one that had to make room.</summary>
    public EnqueueResult Enqueue(MqttPublishPacket packet, out MqttPublishPacket? overwritten)
    {
        overwritten = null;
        ClientConnection? connection;
        lock (_gate)
        {
            connection = _connection;
            if (connection is null && packet.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
            {
                return EnqueueResult.Dropped;
            }

            if (_queue.Count >= options.MaxPendingMessagesPerClient)
            {
                if (options.PendingMessagesOverflowStrategy == MqttPendingMessagesOverflowStrategy.DropNewMessage || _queue.Count == 0)
                {
                    return EnqueueResult.Dropped;
                }

                overwritten = _queue.Dequeue().Packet;
            }

            _queue.Enqueue((packet, TimeProvider.System.GetTimestamp()));
        }

        connection?.Wake();
        return EnqueueResult.Queued;
    }

    /// <summary>Takes the next message to send, as far as the client's receive maximum allows. A connection that was replaced gets none.</summary>
    public MqttPublishPacket? Dequeue(ClientConnection sender, int receiveMaximum)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_connection, sender))
            {
                return null;
            }

            while (_queue.TryPeek(out var next))
            {
                var packet = next.Packet;
                var tracked = packet.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;
                if (tracked && _inFlight.Count >= Math.Min(receiveMaximum, _window))
                {
                    return null;
                }

                _queue.Dequeue();
                if (packet.MessageExpiryInterval > 0)
                {
                    var waited = (uint)TimeProvider.System.GetElapsedTime(next.QueuedAt).TotalSeconds;
                    if (waited >= packet.MessageExpiryInterval)
                    {
                        continue;
                    }

                    packet.MessageExpiryInterval -= waited;
                }

                if (tracked)
                {
                    packet.PacketIdentifier = NextIdentifier();
                    _inFlight.Add(packet.PacketIdentifier, new InFlight(packet));
                }

                return packet;
            }

            return null;
        }
    }

    /// <summary>PUBACK, PUBCOMP, or a PUBREC that refuses: the message is done. Null when it is unknown.</summary>
    public MqttPublishPacket? Complete(ushort identifier)
    {
        lock (_gate)
        {
            return _inFlight.Remove(identifier, out var done) ? done.Packet : null;
        }
    }

    /// <summary>PUBREC: from now on PUBREL is what has to be repeated. False when the message is unknown.</summary>
    public bool Release(ushort identifier)
    {
        lock (_gate)
        {
            if (!_inFlight.TryGetValue(identifier, out var waiting))
            {
                return false;
            }

            waiting.IsReleased = true;
            return true;
        }
    }

    /// <summary>What a new connection has to send again, in the first order (section 4.4).</summary>
    public List<MqttPacket> Unacknowledged()
    {
        lock (_gate)
        {
            var packets = new List<MqttPacket>(_inFlight.Count);
            foreach (var (identifier, waiting) in _inFlight)
            {
                if (waiting.IsReleased)
                {
                    packets.Add(new MqttPubRelPacket { PacketIdentifier = identifier });
                    continue;
                }

                var again = waiting.Packet.Copy();
                again.Dup = true;
                packets.Add(again);
            }

            return packets;
        }
    }

    private ushort NextIdentifier()
    {
        do
        {
            _lastIdentifier = _lastIdentifier == ushort.MaxValue ? (ushort)1 : (ushort)(_lastIdentifier + 1);
        }
        while (_inFlight.ContainsKey(_lastIdentifier));
        return _lastIdentifier;
    }

    private sealed class InFlight(MqttPublishPacket packet)
    {
        public MqttPublishPacket Packet { get; } = packet;

        public bool IsReleased { get; set; }
    }
}
