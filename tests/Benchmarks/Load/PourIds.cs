using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Benchmarks.Load;

/// <summary>
/// Ids of pours that say when the pour was due, so that whoever meets one knows how old it is. They are UUIDs of version 7 with a
/// fraction of a millisecond in their twelve bits after the version (RFC 9562, section 6.2, method 3), and a count.
/// </summary>
internal static class PourIds
{
    /// <summary>Characters of an id.</summary>
    public const int Length = 36;

    private const int Fractions = 4_096;

    private static readonly uint Run = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint))) & 0x3FFF_FFFF;
    private static int _count;

    /// <summary>Writes a new id.</summary>
    /// <param name="target">Room for <see cref="Length"/> bytes of UTF-8.</param>
    /// <param name="due">When its pour was due; UTC.</param>
    public static void Write(Span<byte> target, DateTime due)
    {
        var (ms, rest) = Math.DivRem((due - DateTime.UnixEpoch).Ticks, TimeSpan.TicksPerMillisecond);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (ms << 16) | 0x7000 | (rest * Fractions / TimeSpan.TicksPerMillisecond));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], 0x8000_0000 | Run);
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..], Interlocked.Increment(ref _count));
        new Guid(bytes, bigEndian: true).TryFormat(target, out _);
    }

    /// <summary>When the pour of an id was due.</summary>
    public static DateTime DueAt(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var time = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return DateTime.UnixEpoch.AddTicks(
            ((time >> 16) * TimeSpan.TicksPerMillisecond) + ((time & 0xFFF) * TimeSpan.TicksPerMillisecond / Fractions)
        );
    }
}
