using System.Buffers.Binary;
using System.Text;
using MQTTnet.Exceptions;

namespace MQTTnet.Wire;

/// <summary>Reads the data types of section 1.5 from one packet body; what is missing or wrong is a malformed packet.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public uint ReadVariableByteInteger()
    {
        uint value = 0;
        for (var shift = 0; shift <= 21; shift += 7)
        {
            var next = ReadByte();
            value |= (uint)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                // MQTT-1.5.5-1: the shortest form only.
                return next == 0 && shift > 0 ? throw MqttPacketRefusedException.Malformed("A variable byte integer is longer than needed.") : value;
            }
        }

        throw MqttPacketRefusedException.Malformed("A variable byte integer is longer than four bytes.");
    }

    public byte[] ReadBinary() => Take(ReadUInt16()).ToArray();

    public byte[] ReadRest() => Take(_rest.Length).ToArray();

    public string ReadString()
    {
        var bytes = Take(ReadUInt16());
        CheckUtf8(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads a UTF-8 string as its bytes.</summary>
    public byte[] ReadUtf8()
    {
        var bytes = Take(ReadUInt16());
        CheckUtf8(bytes);
        return bytes.ToArray();
    }

    /// <summary>Cuts off the next <paramref name="count"/> bytes as a reader of their own.</summary>
    public WireReader Slice(uint count) => new(Take(count <= (uint)_rest.Length ? (int)count : int.MaxValue));

    public readonly void ExpectEnd()
    {
        if (!AtEnd)
        {
            throw MqttPacketRefusedException.Malformed("The packet is longer than its content.");
        }
    }

    private static void CheckUtf8(ReadOnlySpan<byte> bytes)
    {
        // MQTT-1.5.4-1 and -2: well-formed, no surrogates, no U+0000.
        if (bytes.Contains((byte)0))
        {
            throw MqttPacketRefusedException.Malformed("A string holds the character U+0000.");
        }

        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            throw MqttPacketRefusedException.Malformed("A string is not valid UTF-8.");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw MqttPacketRefusedException.Malformed("The packet ends too early.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
