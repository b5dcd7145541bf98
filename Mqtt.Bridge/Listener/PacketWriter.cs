using System.Buffers;
using System.IO.Pipelines;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace Mqtt.Bridge.Listener;

/// <summary>Writes packets to a client, none larger than it takes. Safe for concurrent use.</summary>
/// <param name="output">Where they go.</param>
/// <param name="formatter">Makes their bytes.</param>
/// <param name="connect">What the client wants.</param>
/// <param name="timeout">How long it may take to take a packet.</param>
/// <param name="time">The clock.</param>
internal sealed class PacketWriter(
    PipeWriter output,
    MqttPacketFormatterAdapter formatter,
    MqttConnectPacket connect,
    TimeSpan timeout,
    TimeProvider time
) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>Bytes that were written.</summary>
    public long Bytes { get; private set; }

    /// <summary>Writes packets together.</summary>
    /// <returns>Null; or the size of one that is larger than the client takes, and was not written.</returns>
    /// <exception cref="TimeoutException">The client takes nothing.</exception>
    /// <exception cref="MqttCommunicationException">The connection is closed.</exception>
    public async Task<int?> WriteAsync(IReadOnlyList<MqttPacket> packets, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            int? tooLarge = null;
            foreach (var packet in packets)
            {
                tooLarge = EncodeAsWanted(packet) ?? tooLarge;
            }

            var flush = output.FlushAsync(cancellationToken);
            if (!flush.IsCompletedSuccessfully)
            {
                await flush.AsTask().WaitAsync(timeout, time, cancellationToken);
            }

            return tooLarge;
        }
        catch (InvalidOperationException ex)
        {
            throw new MqttCommunicationException(ex.Message, ex);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _writing.Dispose();

    /// <returns>The size of the packet when it is larger than the client takes, also without what may be left out.</returns>
    private int? EncodeAsWanted(MqttPacket packet)
    {
        if (!connect.RequestProblemInformation)
        {
            RemoveProblemInformation(packet);
        }

        return Encode(packet) is { } tooLarge && (!RemoveProblemInformation(packet) || Encode(packet) is not null) ? tooLarge : null;
    }

    /// <returns>The size of the packet when it is larger than the client takes.</returns>
    private int? Encode(MqttPacket packet)
    {
        try
        {
            var bytes = formatter.Encode(packet);
            if (connect.MaximumPacketSize > 0 && bytes.Length > connect.MaximumPacketSize)
            {
                return bytes.Length;
            }

            output.Write(packet is MqttConnAckPacket && connect.SessionExpiryInterval > 0 ? WithSessionExpiry0(bytes.Packet) : bytes.Packet.AsSpan());
            foreach (var part in bytes.Payload)
            {
                output.Write(part.Span);
            }

            Bytes += bytes.Length;
            return null;
        }
        finally
        {
            formatter.Cleanup();
        }
    }

    /// <summary>Adds Session Expiry Interval 0, which the formatter leaves out; without it the client would get the interval that it asked for.</summary>
    private static byte[] WithSessionExpiry0(ReadOnlySpan<byte> connAck)
    {
        const int propertyBytes = 5;
        // Fixed header, flags and reason code, then the length of the properties. All of it is ours, and short.
        byte[] bytes = [.. connAck[..5], 0x11, 0, 0, 0, 0, .. connAck[5..]];
        bytes[1] = checked((byte)(bytes[1] + propertyBytes));
        bytes[4] = checked((byte)(bytes[4] + propertyBytes));
        return bytes;
    }

    /// <summary>Takes out what MQTT 5 may leave out of an answer (section 3.1.2.11.7).</summary>
    private static bool RemoveProblemInformation(MqttPacket packet)
    {
        switch (packet)
        {
            case MqttPubAckPacket answer:
                (answer.ReasonString, answer.UserProperties) = (null, null);
                return true;
            case MqttPubRecPacket answer:
                (answer.ReasonString, answer.UserProperties) = (null, null);
                return true;
            default:
                return false;
        }
    }
}
