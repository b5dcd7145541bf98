using System.Buffers;
using Mqtt.Bridge.Listener;
using MQTTnet.Formatter;

namespace Mqtt.Bridge.Tests;

public sealed class PacketDecoderTests
{
    private static readonly byte[] Connect = RawTap.Connect(4, 7);

    [Fact]
    public void However_the_bytes_are_cut_the_first_packet_that_is_too_large_is_found_by_its_header()
    {
        var random = new Random(20261120);
        for (var round = 0; round < 200; round++)
        {
            var bytes = new List<byte>(Connect);
            var packets = random.Next(1, 6);
            for (var n = 0; n < packets; n++)
            {
                bytes.AddRange(RawTap.Publish(4, 0, 0, "t", new string('x', random.Next(0, 300))));
            }

            bytes.AddRange([0x30, .. Length(20_000)]);
            var (decoder, read, at, taken) = (Decoder(1_000), 0, 0, 0);
            PacketException? refused = null;
            while (refused is null)
            {
                read = Math.Min(bytes.Count, read + random.Next(1, 50));
                var buffer = new ReadOnlySequence<byte>(bytes.GetRange(at, read - at).ToArray());
                refused =
                    Record.Exception(() =>
                    {
                        while (decoder.TryDecode(ref buffer) is not null)
                        {
                            taken++;
                        }
                    }) as PacketException;
                at = read - (int)buffer.Length;
            }

            Assert.Equal(20_004, refused.TooLargeBytes);
            Assert.Equal(1 + packets, taken);
        }
    }

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(1_001, 1_001L)]
    [InlineData(268_435_460, 268_435_460L)]
    public void The_limit_counts_the_header_too(int packet, long? refused)
    {
        var decoder = Decoder(1_000);
        var buffer = new ReadOnlySequence<byte>([.. Connect, 0x30, .. Length(packet - (packet > 10_000 ? 5 : 3))]);
        Assert.NotNull(decoder.TryDecode(ref buffer));

        Assert.Equal(refused, (Record.Exception(() => decoder.TryDecode(ref buffer)) as PacketException)?.TooLargeBytes);
    }

    private static PacketDecoder Decoder(int maxBytes) =>
        new(new MqttPacketFormatterAdapter(new MqttBufferWriter(1_024, 4_096))) { MaxBytes = maxBytes };

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
