using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Mqtt.Bridge.Listener;

/// <summary>Reads the fields of a packet (MQTT 5, section 1.5). Bytes that are none throw a <see cref="PacketException"/>.</summary>
internal ref struct PacketReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether all bytes were read.</summary>
    public readonly bool IsEmpty => _rest.IsEmpty;

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw PacketException.Malformed("The packet is cut off.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>Reads a number of one to four bytes, seven bits in each, the lowest first.</summary>
    public int VariableInt()
    {
        var value = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            var next = Byte();
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return next == 0 && shift > 0 ? throw PacketException.Malformed("A number has more bytes than it needs.") : value;
            }
        }

        throw PacketException.Malformed("A number has more than four bytes.");
    }

    /// <summary>Reads bytes behind their length.</summary>
    public ReadOnlySpan<byte> Binary() => Take(UInt16());

    /// <summary>Reads a text: UTF-8 without surrogates and without U+0000.</summary>
    public ReadOnlySpan<byte> Text()
    {
        var text = Binary();
        return Utf8.IsValid(text) && !text.Contains((byte)0)
            ? text
            : throw PacketException.Malformed("A text is not valid UTF-8 or has U+0000 in it.");
    }

    /// <summary>Reads a topic name, which has no wildcards.</summary>
    /// <param name="mayBeEmpty">Whether a topic alias may stand in for it.</param>
    public ReadOnlySpan<byte> TopicName(bool mayBeEmpty = false)
    {
        var topic = Text();
        if (topic.IsEmpty && !mayBeEmpty)
        {
            throw PacketException.Malformed("A topic name is empty.");
        }

        return topic.ContainsAny((byte)'+', (byte)'#') ? throw PacketException.Malformed("A topic name has wildcards.") : topic;
    }

    /// <summary>Reads a topic filter, whose wildcards stand alone in their level (MQTT 5, section 4.7).</summary>
    /// <returns>Whether it is a shared subscription.</returns>
    public bool TopicFilter(bool isVersion5)
    {
        var filter = Encoding.UTF8.GetString(Text());
        var levels = filter.Split('/');
        var isShared = isVersion5 && levels[0] == "$share";
        if (isShared && (levels.Length < 3 || levels[1].AsSpan().ContainsAny("+#") || levels[1].Length == 0 || filter.Length == levels[1].Length + 8))
        {
            throw PacketException.Malformed("A shared subscription has no name or no filter.");
        }

        if (filter.Length == 0 || levels.Index().Any(level => !IsLevel(level.Item, isLast: level.Index == levels.Length - 1)))
        {
            throw PacketException.Malformed("A topic filter is empty or has a wildcard in the wrong place.");
        }

        return isShared;
    }

    /// <summary>Reads a packet identifier.</summary>
    public void PacketId()
    {
        if (UInt16() == 0)
        {
            throw PacketException.ProtocolError("The packet identifier is 0.");
        }
    }

    /// <summary>Nothing may follow.</summary>
    public readonly void End()
    {
        if (!IsEmpty)
        {
            throw PacketException.Malformed("The packet is longer than its content.");
        }
    }

    private static bool IsLevel(string level, bool isLast) => level is "+" || (level is "#" && isLast) || !level.AsSpan().ContainsAny("+#");
}
