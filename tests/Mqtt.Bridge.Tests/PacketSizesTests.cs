using Mqtt.Bridge.Connections;

namespace Mqtt.Bridge.Tests;

public sealed class PacketSizesTests
{
    [Fact]
    public void However_the_bytes_are_cut_the_first_packet_that_is_too_large_is_found_by_its_header()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 200; round++)
        {
            var bytes = new List<byte>();
            foreach (var size in Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(0, 300)))
            {
                bytes.AddRange([0x30, .. Length(size), .. new byte[size]]);
            }

            var good = bytes.Count;
            bytes.AddRange([0x30, .. Length(20_000)]);
            var (sizes, at) = (new PacketSizes(), 0);
            long? found = null;
            while (at < bytes.Count && found is null)
            {
                var part = bytes.GetRange(at, Math.Min(random.Next(1, 50), bytes.Count - at)).ToArray();
                found = sizes.FindTooLarge(part, 1_000);
                at += part.Length;
            }

            Assert.Equal(20_004, found);
            Assert.True(at > good);
        }
    }

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(1_001, 1_001L)]
    [InlineData(268_435_460, 268_435_460L)]
    public void The_limit_counts_the_header_too(int packet, long? found)
    {
        var body = packet - (packet > 10_000 ? 5 : 3);

        Assert.Equal(found, new PacketSizes().FindTooLarge([0x30, .. Length(body)], 1_000));
    }

    [Fact]
    public void A_length_of_five_bytes_ends_after_the_fourth() =>
        Assert.Equal(268_435_460, new PacketSizes().FindTooLarge([0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1_000));

    private static byte[] Length(int length)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)((length % 128) | (length > 127 ? 0x80 : 0)));
            length /= 128;
        } while (length > 0);

        return [.. bytes];
    }
}
