using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using MQTTnet.Exceptions;

namespace MQTTnet.Wire;

/// <summary>Collects encoded packets in one pooled array until they are sent together.</summary>
internal sealed class WireWriter
{
    private byte[] _buffer = [];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Forgets the content and gives the array back, so that an idle connection holds none.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _length = 0;
    }

    /// <summary>Drops everything after <paramref name="length"/>.</summary>
    public void Truncate(int length) => _length = length;

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void WriteVariableByteInteger(uint value) => PutVariableByteInteger(Reserve(SizeOf(value)), value);

    public void WriteBinary(ReadOnlySpan<byte> value)
    {
        if (value.Length > ushort.MaxValue)
        {
            throw new MqttProtocolViolationException("A string or binary field is limited to 65535 bytes.");
        }

        WriteUInt16((ushort)value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    public void WriteString(string? value)
    {
        value ??= "";
        var count = Encoding.UTF8.GetByteCount(value);
        if (count > ushort.MaxValue)
        {
            throw new MqttProtocolViolationException("A string or binary field is limited to 65535 bytes.");
        }

        WriteUInt16((ushort)count);
        Encoding.UTF8.GetBytes(value, Reserve(count));
    }

    public void WriteSequence(in ReadOnlySequence<byte> value) => value.CopyTo(Reserve(checked((int)value.Length)));

    /// <summary>Begins a part whose length, as a variable byte integer, comes before it. Returns what <see cref="EndLengthPrefixed"/> needs.</summary>
    public int BeginLengthPrefixed()
    {
        Reserve(1);
        return _length;
    }

    /// <summary>Writes the length in front of the part; moves the part when one byte does not do.</summary>
    public void EndLengthPrefixed(int start)
    {
        var length = _length - start;
        if (length > 268_435_455)
        {
            throw new MqttProtocolViolationException("A packet is limited to 268435455 bytes.");
        }

        var size = SizeOf((uint)length);
        if (size > 1)
        {
            Reserve(size - 1);
            _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + size - 1));
        }

        PutVariableByteInteger(_buffer.AsSpan(start - 1, size), (uint)length);
    }

    private static int SizeOf(uint value) => value switch
    {
        < 128 => 1,
        < 16_384 => 2,
        < 2_097_152 => 3,
        _ => 4,
    };

    private static void PutVariableByteInteger(Span<byte> target, uint value)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = (byte)((value & 0x7F) | (i < target.Length - 1 ? 0x80u : 0));
            value >>= 7;
        }
    }

    private Span<byte> Reserve(int count)
    {
        var needed = _length + count;
        if (needed > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(512, _buffer.Length * 2)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        var span = _buffer.AsSpan(_length, count);
        _length = needed;
        return span;
    }
}
