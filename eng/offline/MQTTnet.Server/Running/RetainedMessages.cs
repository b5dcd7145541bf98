using MQTTnet.Packets;

namespace MQTTnet.Server.Running;

/// <summary>The last retained message of each topic (section 3.3.1.3).</summary>
internal sealed class RetainedMessages(ServerEvents events)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (MqttApplicationMessage Message, long StoredAt)> _messages = new(StringComparer.Ordinal);

    /// <summary>Asks the host for the messages of before.</summary>
    public async Task LoadAsync()
    {
        var args = new LoadingRetainedMessagesEventArgs();
        await events.LoadingRetainedMessage.InvokeAsync(args).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var message in args.LoadedRetainedMessages ?? [])
            {
                _messages[message.Topic] = (message, TimeProvider.System.GetTimestamp());
            }
        }
    }

    /// <summary>Stores the message; an empty payload removes what is stored for its topic.</summary>
    public async Task SetAsync(string clientId, MqttApplicationMessage message)
    {
        bool changed;
        lock (_gate)
        {
            if (message.Payload.IsEmpty)
            {
                changed = _messages.Remove(message.Topic);
            }
            else
            {
                _messages[message.Topic] = (message, TimeProvider.System.GetTimestamp());
                changed = true;
            }
        }

        if (changed && events.RetainedMessageChanged.HasHandlers)
        {
            await events.RetainedMessageChanged.InvokeAsync(new RetainedMessageChangedEventArgs(clientId, message, All())).ConfigureAwait(false);
        }
    }

    public MqttApplicationMessage? Find(string topic)
    {
        lock (_gate)
        {
            return _messages.TryGetValue(topic, out var stored) ? stored.Message : null;
        }
    }

    public List<MqttApplicationMessage> All()
    {
        lock (_gate)
        {
            return [.. _messages.Values.Select(m => m.Message)];
        }
    }

    /// <summary>The messages for a new subscription, with what is left of their life time.</summary>
    public List<MqttPublishPacket> Matching(string filter)
    {
        var packets = new List<MqttPublishPacket>();
        lock (_gate)
        {
            List<string>? expired = null;
            foreach (var (topic, stored) in _messages)
            {
                if (!SubscriptionTree.Covers(filter, topic))
                {
                    continue;
                }

                var packet = MqttPublishPacket.From(stored.Message);
                if (packet.MessageExpiryInterval > 0)
                {
                    var age = (uint)TimeProvider.System.GetElapsedTime(stored.StoredAt).TotalSeconds;
                    if (age >= packet.MessageExpiryInterval)
                    {
                        (expired ??= []).Add(topic);
                        continue;
                    }

                    packet.MessageExpiryInterval -= age;
                }

                packets.Add(packet);
            }

            expired?.ForEach(topic => _messages.Remove(topic));
        }

        return packets;
    }

    public async Task ClearAsync()
    {
        lock (_gate)
        {
            _messages.Clear();
        }

        await events.RetainedMessagesCleared.InvokeAsync(EventArgs.Empty).ConfigureAwait(false);
    }
}
