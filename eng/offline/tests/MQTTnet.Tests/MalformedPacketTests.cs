using System.Globalization;
using MQTTnet.Protocol;

namespace MQTTnet.Tests;

/// <summary>What breaks the protocol ends that connection, and no other.</summary>
public sealed class MalformedPacketTests
{
    /// <summary>Name, protocol level, bytes after a good CONNECT, and the reason code a 5.0 client is told.</summary>
    public static TheoryData<string, byte, string, byte> AfterConnect => new()
    {
        { "packet type 0", 5, "00 00", 0x81 },
        { "packet type 15 in 3.1.1", 4, "F0 00", 0 },
        { "AUTH without a method", 5, "F0 00", 0x82 },
        { "flags on PINGREQ", 5, "C1 00", 0x81 },
        { "flags on PUBACK", 4, "41 02 00 01", 0 },
        { "no flags on SUBSCRIBE", 5, "80 06 00 01 00 00 01 61", 0x81 },
        { "no flags on UNSUBSCRIBE", 4, "A0 05 00 01 00 01 61", 0 },
        { "no flags on PUBREL", 5, "60 02 00 01", 0x81 },
        { "a second CONNECT", 5, "10 0F 00 04 4D 51 54 54 05 02 00 00 00 00 02 61 62", 0x82 },
        { "a second CONNECT in 3.1.1", 4, "10 0E 00 04 4D 51 54 54 04 02 00 00 00 02 61 62", 0 },
        { "CONNACK from a client", 5, "20 03 00 00 00", 0x82 },
        { "SUBACK from a client", 4, "90 03 00 01 00", 0 },
        { "PINGRESP from a client", 5, "D0 00", 0x82 },
        { "PINGREQ with a body", 5, "C0 01 00", 0x81 },
        { "five bytes of remaining length", 5, "30 FF FF FF FF 7F", 0x81 },
        { "QoS 3", 5, "36 06 00 01 61 00 01 00", 0x81 },
        { "QoS 3 in 3.1.1", 4, "36 05 00 01 61 00 01", 0 },
        { "a duplicate of QoS 0", 5, "38 04 00 01 61 00", 0x81 },
        { "packet identifier 0 on PUBLISH", 5, "32 06 00 01 61 00 00 00", 0x82 },
        { "packet identifier 0 on SUBSCRIBE", 4, "82 06 00 00 00 01 61 00", 0 },
        { "packet identifier 0 on PUBREL", 5, "62 02 00 00", 0x82 },
        { "wildcard + in a topic", 5, "30 04 00 01 2B 00", 0x90 },
        { "wildcard # in a topic", 4, "30 03 00 01 23", 0 },
        { "empty topic without alias", 5, "30 03 00 00 00", 0x82 },
        { "empty topic in 3.1.1", 4, "30 02 00 00", 0 },
        { "topic that is not UTF-8", 5, "30 05 00 02 C3 28 00", 0x81 },
        { "topic with an overlong form", 4, "30 04 00 02 C0 AF", 0 },
        { "topic with a surrogate", 5, "30 06 00 03 ED A0 80 00", 0x81 },
        { "topic with U+0000", 5, "30 05 00 02 61 00 00", 0x81 },
        { "topic longer than the packet", 5, "30 05 00 20 61 62 63", 0x81 },
        { "PUBLISH without room for an identifier", 4, "32 03 00 01 61", 0 },
        { "property length beyond the packet", 5, "30 05 00 01 61 7F 01", 0x81 },
        { "unknown property", 5, "30 06 00 01 61 02 7E 00", 0x81 },
        { "property of another packet", 5, "30 09 00 01 61 05 11 00 00 00 01", 0x81 },
        { "property twice", 5, "30 08 00 01 61 04 01 01 01 01", 0x82 },
        { "payload format 2", 5, "30 06 00 01 61 02 01 02", 0x82 },
        { "topic alias 0", 5, "30 07 00 01 61 03 23 00 00", 0x94 },
        { "topic alias beyond the maximum", 5, "30 07 00 01 61 03 23 FF FF", 0x94 },
        { "topic alias that was never set", 5, "30 06 00 00 03 23 00 05", 0x82 },
        { "subscription identifier on PUBLISH", 5, "30 06 00 01 61 02 0B 01", 0x82 },
        { "response topic with a wildcard", 5, "30 08 00 01 61 04 08 00 01 23", 0x82 },
        { "user property that is cut off", 5, "30 08 00 01 61 04 26 00 01 61", 0x81 },
        { "SUBSCRIBE without filters", 5, "82 03 00 01 00", 0x82 },
        { "SUBSCRIBE without options", 4, "82 05 00 01 00 01 61", 0 },
        { "SUBSCRIBE with QoS 3", 5, "82 07 00 01 00 00 01 61 03", 0x81 },
        { "SUBSCRIBE with reserved options", 4, "82 06 00 01 00 01 61 04", 0 },
        { "SUBSCRIBE with retain handling 3", 5, "82 07 00 01 00 00 01 61 30", 0x82 },
        { "SUBSCRIBE with subscription identifier 0", 5, "82 09 00 01 02 0B 00 00 01 61 00", 0x82 },
        { "SUBSCRIBE to a/#/b", 5, "82 0B 00 01 00 00 05 61 2F 23 2F 62 00", 0x8F },
        { "SUBSCRIBE to a+", 4, "82 07 00 01 00 02 61 2B 00", 0 },
        { "SUBSCRIBE to nothing", 5, "82 06 00 01 00 00 00 00", 0x8F },
        { "no-local on a shared subscription", 5, "82 0F 00 01 00 00 09 24 73 68 61 72 65 2F 67 2F 04", 0x82 },
        { "UNSUBSCRIBE without filters", 5, "A2 03 00 01 00", 0x82 },
        { "PUBACK with one byte", 4, "40 01 00", 0 },
        { "PUBACK with too much", 4, "40 03 00 01 00", 0 },
        { "DISCONNECT that prolongs a session without one", 5, "E0 07 00 05 11 00 00 00 0A", 0x82 },
        { "DISCONNECT with a body in 3.1.1", 4, "E0 01 00", 0 },
        { "a packet of 200 MB", 5, "30 80 80 80 60", 0x95 },
        { "a packet of 200 MB in 3.1.1", 4, "30 80 80 80 60", 0 },
    };

    /// <summary>Name and bytes of a first packet that is none.</summary>
    public static TheoryData<string, string> InsteadOfConnect => new()
    {
        { "PINGREQ", "C0 00" },
        { "PUBLISH", "30 04 00 01 61 62" },
        { "HTTP", "47 45 54 20 2F 20 48 54 54 50 2F 31 2E 31 0D 0A 0D 0A" },
        { "TLS", "16 03 01 02 00 01 00 01 FC 03 03" },
        { "zeros", "00 00 00 00 00 00 00 00" },
        { "protocol name", "10 0E 00 04 4D 51 54 58 04 02 00 00 00 02 61 62" },
        { "reserved connect flag", "10 0E 00 04 4D 51 54 54 04 03 00 00 00 02 61 62" },
        { "will QoS 3", "10 0E 00 04 4D 51 54 54 04 1E 00 00 00 02 61 62" },
        { "will flags without a will", "10 0E 00 04 4D 51 54 54 04 22 00 00 00 02 61 62" },
        { "password without user name", "10 0E 00 04 4D 51 54 54 04 42 00 00 00 02 61 62" },
        { "client identifier beyond the packet", "10 0E 00 04 4D 51 54 54 04 02 00 00 00 FF 61 62" },
        { "client identifier that is not UTF-8", "10 0E 00 04 4D 51 54 54 04 02 00 00 00 02 FF FE" },
        { "bytes after the end", "10 0F 00 04 4D 51 54 54 04 02 00 00 00 02 61 62 63" },
        { "receive maximum 0", "10 12 00 04 4D 51 54 54 05 02 00 00 03 21 00 00 00 02 61 62" },
        { "maximum packet size 0", "10 14 00 04 4D 51 54 54 05 02 00 00 05 27 00 00 00 00 00 02 61 62" },
        { "authentication data without a method", "10 13 00 04 4D 51 54 54 05 02 00 00 04 16 00 01 61 00 02 61 62" },
        { "a CONNECT of 200 MB", "10 80 80 80 60" },
    };

    [Theory]
    [MemberData(nameof(AfterConnect))]
    public async Task A_packet_that_breaks_the_protocol_ends_its_connection_only(string name, byte level, string hex, byte reason)
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.ConnectAsync("other");
        using var client = await RawClient.ConnectAsync(server.Port, level, "bad");

        await client.SendAsync(Bytes(hex));

        var told = await client.ReadToCloseAsync();
        Assert.True(told == (level == 5 ? reason : null), $"{name}: told {told:X}");
        await server.AssertWorksAsync(other);
        Assert.DoesNotContain(server.Published, m => m.Topic != "still/alive");
        await Support.Eventually(() => server.Disconnected.Any(d => d.ClientId == "bad"), "the host hears of the end");
    }

    [Theory]
    [MemberData(nameof(InsteadOfConnect))]
    public async Task What_is_no_connect_ends_the_connection_without_an_answer(string name, string hex)
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.ConnectAsync("other");
        using var client = await RawClient.OpenAsync(server.Port);

        await client.SendAsync(Bytes(hex));

        Assert.True(await client.ReadPacketAsync() is null, name);
        await server.AssertWorksAsync(other);
    }

    [Theory]
    [InlineData(6, 0x84)]
    [InlineData(3, 0x01)]
    public async Task An_unknown_protocol_version_is_refused(byte level, byte code)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await RawClient.OpenAsync(server.Port);

        await client.SendAsync(RawClient.ConnectPacket(level, "new"));

        var answer = await client.ReadPacketAsync();
        Assert.Equal([0x20, code], [answer![0], answer[3]]);
        Assert.Null(await client.ReadPacketAsync());
    }

    [Fact]
    public async Task A_packet_that_is_cut_off_anywhere_is_never_handled()
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.ConnectAsync("other");
        byte[] whole = [.. RawClient.ConnectPacket(5, "cut"), 0x32, 0x0B, 0, 3, (byte)'c', (byte)'u', (byte)'t', 0, 7, 0, 1, 2, 3];
        for (var length = 1; length < whole.Length; length++)
        {
            using var client = await RawClient.OpenAsync(server.Port);
            await client.SendAsync(whole[..length]);
        }

        await server.AssertWorksAsync(other);
        await Support.Eventually(async () => (await server.Server.GetClientsAsync()).Count == 1, "the cut off connections are gone");
        Assert.DoesNotContain(server.Published, m => m.Topic == "cut");
    }

    [Fact]
    public async Task Random_changes_of_good_packets_never_harm_another_connection()
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.ConnectAsync("other");
        var random = new Random(20261120);
        byte[][] good =
        [
            [0x32, 0x0B, 0, 3, (byte)'a', (byte)'/', (byte)'b', 0, 7, 0, 1, 2, 3],
            [0x34, 0x12, 0, 1, (byte)'a', 0, 9, 9, 0x26, 0, 1, (byte)'k', 0, 1, (byte)'v', 1, 1, 1, 2, 3],
            [0x82, 0x09, 0, 1, 0, 0, 3, (byte)'a', (byte)'/', (byte)'#', 1],
            [0xA2, 0x08, 0, 2, 0, 0, 3, (byte)'a', (byte)'/', (byte)'#'],
            [0x62, 0x02, 0, 9],
            [0xC0, 0x00],
            [0xE0, 0x02, 0x04, 0x00],
        ];
        for (var round = 0; round < 400; round++)
        {
            using var client = await RawClient.OpenAsync(server.Port);
            byte[] bytes = [.. RawClient.ConnectPacket((byte)(round % 2 == 0 ? 5 : 4), "rnd"), .. good[random.Next(good.Length)], .. good[random.Next(good.Length)]];
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            await client.SendAsync(bytes[..random.Next(1, bytes.Length + 1)]);
            if (round % 50 == 0)
            {
                await server.AssertWorksAsync(other);
            }
        }

        await server.AssertWorksAsync(other);
        Assert.True(other.IsConnected);
    }

    [Fact]
    public async Task A_large_packet_within_the_limit_is_taken()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync("large");

        var result = await client.PublishBinaryAsync("large", new byte[1_000_000], MqttQualityOfServiceLevel.AtLeastOnce);

        Assert.True(result.IsSuccess);
        Assert.Equal(1_000_000, server.Published.Single().Payload.Length);
    }

    private static byte[] Bytes(string hex) => [.. hex.Split(' ').Select(b => byte.Parse(b, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
