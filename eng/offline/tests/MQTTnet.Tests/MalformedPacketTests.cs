using System.Globalization;
using MQTTnet.Protocol;

namespace MQTTnet.Tests;

/// <summary>What breaks the protocol ends that connection, and no other.</summary>
public sealed class MalformedPacketTests
{
    /// <summary>Name, protocol level, and bytes after a good CONNECT.</summary>
    public static TheoryData<string, byte, string> AfterConnect => new()
    {
        { "packet type 0", 5, "00 00" },
        { "packet type 15 in 3.1.1", 4, "F0 00" },
        { "AUTH without a method", 5, "F0 00" },
        { "a second CONNECT", 5, "10 0F 00 04 4D 51 54 54 05 02 00 00 00 00 02 61 62" },
        { "a second CONNECT in 3.1.1", 4, "10 0E 00 04 4D 51 54 54 04 02 00 00 00 02 61 62" },
        { "CONNACK from a client", 5, "20 03 00 00 00" },
        { "SUBACK from a client", 4, "90 03 00 01 00" },
        { "PINGRESP from a client", 5, "D0 00" },
        { "PINGREQ with a body", 5, "C0 01 00" },
        { "five bytes of remaining length", 5, "30 FF FF FF FF 7F" },
        { "QoS 3", 5, "36 06 00 01 61 00 01 00" },
        { "QoS 3 in 3.1.1", 4, "36 05 00 01 61 00 01" },
        { "a duplicate of QoS 0", 5, "38 04 00 01 61 00" },
        { "packet identifier 0 on PUBLISH", 5, "32 06 00 01 61 00 00 00" },
        { "packet identifier 0 on SUBSCRIBE", 4, "82 06 00 00 00 01 61 00" },
        { "packet identifier 0 on PUBREL", 5, "62 02 00 00" },
        { "wildcard + in a topic", 5, "30 04 00 01 2B 00" },
        { "wildcard # in a topic", 4, "30 03 00 01 23" },
        { "empty topic without alias", 5, "30 03 00 00 00" },
        { "empty topic in 3.1.1", 4, "30 02 00 00" },
        { "topic that is not UTF-8", 5, "30 05 00 02 C3 28 00" },
        { "topic with an overlong form", 4, "30 04 00 02 C0 AF" },
        { "topic with a surrogate", 5, "30 06 00 03 ED A0 80 00" },
        { "topic with U+0000", 5, "30 05 00 02 61 00 00" },
        { "topic longer than the packet", 5, "30 05 00 20 61 62 63" },
        { "PUBLISH without room for an identifier", 4, "32 03 00 01 61" },
        { "property length beyond the packet", 5, "30 05 00 01 61 7F 01" },
        { "unknown property", 5, "30 06 00 01 61 02 7E 00" },
        { "property of another packet", 5, "30 09 00 01 61 05 11 00 00 00 01" },
        { "property twice", 5, "30 08 00 01 61 04 01 01 01 01" },
        { "payload format 2", 5, "30 06 00 01 61 02 01 02" },
        { "topic alias 0", 5, "30 07 00 01 61 03 23 00 00" },
        { "subscription identifier on PUBLISH", 5, "30 06 00 01 61 02 0B 01" },
        { "response topic with a wildcard", 5, "30 08 00 01 61 04 08 00 01 23" },
        { "user property that is cut off", 5, "30 08 00 01 61 04 26 00 01 61" },
        { "SUBSCRIBE without filters", 5, "82 03 00 01 00" },
        { "SUBSCRIBE without options", 4, "82 05 00 01 00 01 61" },
        { "SUBSCRIBE with QoS 3", 5, "82 07 00 01 00 00 01 61 03" },
        { "SUBSCRIBE with reserved options", 4, "82 06 00 01 00 01 61 04" },
        { "SUBSCRIBE with retain handling 3", 5, "82 07 00 01 00 00 01 61 30" },
        { "SUBSCRIBE with subscription identifier 0", 5, "82 09 00 01 02 0B 00 00 01 61 00" },
        { "SUBSCRIBE to a/#/b", 5, "82 0B 00 01 00 00 05 61 2F 23 2F 62 00" },
        { "SUBSCRIBE to a+", 4, "82 07 00 01 00 02 61 2B 00" },
        { "SUBSCRIBE to nothing", 5, "82 06 00 01 00 00 00 00" },
        { "no-local on a shared subscription", 5, "82 0F 00 01 00 00 09 24 73 68 61 72 65 2F 67 2F 04" },
        { "UNSUBSCRIBE without filters", 5, "A2 03 00 01 00" },
        { "PUBACK with one byte", 4, "40 01 00" },
        { "PUBACK with too much", 4, "40 03 00 01 00" },
        { "DISCONNECT that prolongs a session without one", 5, "E0 07 00 05 11 00 00 00 0A" },
        { "DISCONNECT with a body in 3.1.1", 4, "E0 01 00" },
    };

    /// <summary>Name and bytes of a first packet that is none.</summary>
    public static TheoryData<string, string> InsteadOfConnect => new()
    {
        { "TLS", "16 03 01 02 00 01 00 01 FC 03 03" },
        { "a protocol version that does not exist", "10 0E 00 04 4D 51 54 54 06 02 00 00 00 02 61 62" },
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
    };

    [Theory]
    [MemberData(nameof(AfterConnect))]
    public async Task A_packet_that_breaks_the_protocol_ends_its_connection_only(string name, byte level, string hex)
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.ConnectAsync("other");
        using var client = await RawClient.ConnectAsync(server.Port, level, "bad");

        await client.SendAsync(Bytes(hex));

        // Like the real server it closes without a word.
        Assert.True(await client.ReadToCloseAsync() is null, name);
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
    public async Task A_large_packet_is_taken()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync("large");

        var result = await client.PublishBinaryAsync("large", new byte[1_000_000], MqttQualityOfServiceLevel.AtLeastOnce);

        Assert.True(result.IsSuccess);
        Assert.Equal(1_000_000, server.Published.Single().Payload.Length);
    }

    private static byte[] Bytes(string hex) => [.. hex.Split(' ').Select(b => byte.Parse(b, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
