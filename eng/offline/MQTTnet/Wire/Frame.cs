using System.Buffers;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace MQTTnet.Wire;

/// <summary>Cuts packets out of the received bytes (section 2.1) and refuses a wrong or too large one from its first bytes on.</summary>
internal static class Frame
{
    /// <summary>Allowed low bits of the first byte by packet type (section 2.1.3); 0xFF: any, checked by the decoder.</summary>
    private static ReadOnlySpan<byte> Flags => [0xF0, 0, 0, 0xFF, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0];

    /// <summary>Takes one packet from the front of <paramref name="buffer"/>. Returns false when it is not complete.</summary>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maximumPacketSize, out byte header, out ReadOnlySequence<byte> body)
    {
        body = default;
        header = 0;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out header))
        {
            return false;
        }

        var type = header >> 4;
        if (Flags[type] == 0xF0 || (Flags[type] != 0xFF && Flags[type] != (header & 0x0F)))
        {
            throw MqttPacketRefusedException.Malformed($"The first byte 0x{header:X2} is not that of a packet.");
        }

        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (shift > 21)
            {
                throw MqttPacketRefusedException.Malformed("The remaining length is longer than four bytes.");
            }

            if (!reader.TryRead(out var next))
            {
                return false;
            }

            length |= (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                break;
            }
        }

        if (reader.Consumed + length > maximumPacketSize)
        {
            throw new MqttPacketRefusedException(MqttDisconnectReasonCode.PacketTooLarge, $"A packet of {reader.Consumed + length} bytes is larger than the limit of {maximumPacketSize} bytes.");
        }

        if (reader.Remaining < length)
        {
            return false;
        }

        body = buffer.Slice(reader.Position, length);
        buffer = buffer.Slice(body.End);
        return true;
    }
}
