using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>The answers a client waits for, by packet type and identifier.</summary>
internal sealed class PendingAnswers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, TaskCompletionSource<MqttPacket>> _waiting = [];
    private Exception? _closed;
    private ushort _lastIdentifier;

    /// <summary>Reserves a free packet identifier by waiting for <paramref name="type"/> with it.</summary>
    public ushort Reserve(MqttControlPacketType type, out Task<MqttPacket> answer)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            for (var i = 0; i < ushort.MaxValue; i++)
            {
                _lastIdentifier = _lastIdentifier == ushort.MaxValue ? (ushort)1 : (ushort)(_lastIdentifier + 1);
                if (!IsUsed(_lastIdentifier))
                {
                    answer = Add(Key(type, _lastIdentifier));
                    return _lastIdentifier;
                }
            }
        }

        throw new MqttProtocolViolationException("All packet identifiers are in use.");
    }

    /// <summary>Waits for a packet; concurrent waits for the same one share it.</summary>
    public Task<MqttPacket> Expect(MqttControlPacketType type, ushort identifier)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            return _waiting.TryGetValue(Key(type, identifier), out var existing) ? existing.Task : Add(Key(type, identifier));
        }
    }

    /// <summary>Hands a packet to whoever waits for it; false when nobody does.</summary>
    public bool TryComplete(MqttControlPacketType type, ushort identifier, MqttPacket packet)
    {
        TaskCompletionSource<MqttPacket>? source;
        lock (_gate)
        {
            if (!_waiting.Remove(Key(type, identifier), out source))
            {
                return false;
            }
        }

        return source.TrySetResult(packet);
    }

    public void Forget(MqttControlPacketType type, ushort identifier)
    {
        lock (_gate)
        {
            _waiting.Remove(Key(type, identifier));
        }
    }

    /// <summary>Fails all waits, and every later one, with the first cause given.</summary>
    public void Close(Exception cause)
    {
        TaskCompletionSource<MqttPacket>[] all;
        lock (_gate)
        {
            _closed ??= cause;
            all = [.. _waiting.Values];
            _waiting.Clear();
        }

        foreach (var source in all)
        {
            source.TrySetException(_closed);

            // Who waited may have left already, with its token.
            _ = source.Task.Exception;
        }
    }

    private static int Key(MqttControlPacketType type, ushort identifier) => ((int)type << 16) | identifier;

    private bool IsUsed(ushort identifier) =>
        _waiting.ContainsKey(Key(MqttControlPacketType.PubAck, identifier))
        || _waiting.ContainsKey(Key(MqttControlPacketType.PubRec, identifier))
        || _waiting.ContainsKey(Key(MqttControlPacketType.PubComp, identifier))
        || _waiting.ContainsKey(Key(MqttControlPacketType.SubAck, identifier))
        || _waiting.ContainsKey(Key(MqttControlPacketType.UnsubAck, identifier));

    private Task<MqttPacket> Add(int key)
    {
        var source = new TaskCompletionSource<MqttPacket>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(key, source);
        return source.Task;
    }

    private void ThrowIfClosed()
    {
        if (_closed is not null)
        {
            throw new MqttClientDisconnectedException(_closed);
        }
    }
}
