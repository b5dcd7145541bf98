using System.Buffers.Binary;

namespace Benchmarks.Load;

/// <summary>The PUBLISH of a tap's pours with QoS 1, encoded once; only its packet id and the id of its pour change.</summary>
internal sealed class PourPacket
{
    private readonly byte[] _bytes;
    private readonly int _packetIdAt;
    private readonly int _pourIdAt;

    /// <summary>Encodes it.</summary>
    /// <param name="tap">The tap id.</param>
    /// <param name="level">4 for MQTT 3.1.1, 5 for MQTT 5.</param>
    public PourPacket(int tap, int level)
    {
        var topic = Packets.Text($"taps/{tap}/pours");
        byte[] none = level == 5 ? [0] : [];
        ReadOnlySpan<byte> before = "{\"id\":\""u8;
        _bytes = Packets.Packet(0x32, [.. topic, 0, 0, .. none, .. before, .. new byte[PourIds.Length], .. "\",\"volume\":473}"u8]);
        _packetIdAt = _bytes.AsSpan().IndexOf(topic) + topic.Length;
        _pourIdAt = _bytes.AsSpan().IndexOf(before) + before.Length;
    }

    /// <summary>Bytes of a packet.</summary>
    public int Length => _bytes.Length;

    /// <summary>Writes the packet of a new pour.</summary>
    /// <param name="target">Room for <see cref="Length"/> bytes.</param>
    /// <param name="packetId">Its packet id, 1 or more.</param>
    /// <param name="due">When the pour was due; UTC.</param>
    public void Write(Span<byte> target, ushort packetId, DateTime due)
    {
        _bytes.CopyTo(target);
        BinaryPrimitives.WriteUInt16BigEndian(target[_packetIdAt..], packetId);
        PourIds.Write(target.Slice(_pourIdAt, PourIds.Length), due);
    }
}
