using System.Buffers;
using System.Runtime.InteropServices;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>Cuts the bytes of a connection into packets. Their sizes and their content are judged before room is made for them.</summary>
/// <param name="formatter">Reads what the <see cref="PacketValidator"/> has let pass.</param>
internal sealed class PacketDecoder(MqttPacketFormatterAdapter formatter)
{
    /// <summary>Largest CONNECT: client id, user name, token and will are short, and whoever sends it is still unknown.</summary>
    private const int MaxConnectBytes = 4 * 1_024;

    private bool _hasConnect;

    /// <summary>Reads and makes the packets.</summary>
    public MqttPacketFormatterAdapter Formatter => formatter;

    /// <summary>Largest packet, with its header.</summary>
    public int MaxBytes { get; set; } = MaxConnectBytes;

    /// <summary>Bytes of the packets that were read.</summary>
    public long Bytes { get; set; }

    /// <summary>Takes the first packet off a buffer.</summary>
    /// <returns>The packet; null when more bytes must come first.</returns>
    /// <exception cref="PacketException">It breaks the specification or the limit.</exception>
    public MqttPacket? TryDecode(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var header))
        {
            return null;
        }

        if (!_hasConnect && header >> 4 != (int)MqttControlPacketType.Connect)
        {
            throw PacketException.ProtocolError("The first packet is no CONNECT.");
        }

        if (!TryReadLength(ref reader, out var bodyLength, out var isShortest))
        {
            return null;
        }

        var length = reader.Consumed + bodyLength;
        if (length > MaxBytes)
        {
            throw PacketException.TooLarge(length);
        }

        if (buffer.Length < length)
        {
            return null;
        }

        var packet = Decode(header, buffer.Slice(reader.Consumed, bodyLength), (int)length, isShortest);
        Bytes += length;
        buffer = buffer.Slice(length);
        return packet;
    }

    private MqttPacket Decode(byte header, ReadOnlySequence<byte> bytes, int length, bool isShortest)
    {
        var body =
            bytes.IsSingleSegment && MemoryMarshal.TryGetArray(bytes.First, out var segment) ? segment : new ArraySegment<byte>(bytes.ToArray());
        var received = new ReceivedMqttPacket(header, body, length);
        if (_hasConnect)
        {
            Check(header, body, formatter.ProtocolVersion is MqttProtocolVersion.V500, isShortest);
            return formatter.Decode(received);
        }

        var isVersion5 = PacketValidator.IsVersion5(body);
        try
        {
            Check(header, body, isVersion5, isShortest);
        }
        catch (PacketException ex) when (isVersion5)
        {
            throw new PacketException(ex.Reason, ex.Message) { ConnAck = [0x20, 3, 0, (byte)ex.Reason, 0] };
        }

        _hasConnect = true;
        formatter.DetectProtocolVersion(received);
        return formatter.Decode(received);
    }

    private static void Check(byte header, ReadOnlySpan<byte> body, bool isVersion5, bool isShortest)
    {
        if (isVersion5 && !isShortest)
        {
            throw PacketException.Malformed("The length has more bytes than it needs.");
        }

        PacketValidator.Check(header, body, isVersion5);
    }

    /// <summary>
    /// The length of a body has seven bits in each byte, the lowest first, in four bytes at most; in MQTT 5 in no more than it needs
    /// (section 1.5.5).
    /// </summary>
    private static bool TryReadLength(ref SequenceReader<byte> reader, out int length, out bool isShortest)
    {
        (length, isShortest) = (0, true);
        for (var shift = 0; shift < 28; shift += 7)
        {
            if (!reader.TryRead(out var next))
            {
                return false;
            }

            length |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                isShortest = next > 0 || shift == 0;
                return true;
            }
        }

        throw PacketException.Malformed("The length has more than four bytes.");
    }
}
