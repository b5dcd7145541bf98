using System.Diagnostics;
using MQTTnet;
using Taproom.Taps;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Every packet of a client for which OASIS MQTT 3.1.1 or 5.0 has the server close the network connection.</summary>
[Collection(nameof(RedisCollection))]
public sealed class SpecificationTests(RedisServer redis, SpecificationTests.OneBridge one) : IClassFixture<SpecificationTests.OneBridge>
{
    /// <summary>A second, and what a busy machine adds to it.</summary>
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(8);

    /// <summary>After a CONNECT that was accepted, whatever the version.</summary>
    public static readonly TheoryData<string, string> OfBoth = new()
    {
        { "a reserved packet type", "00 00" },
        { "a length of five bytes", "30 80 80 80 80 01" },
        { "a second CONNECT", "10 0F 00 04 4D 51 54 54 05 02 00 00 00 00 02 61 62" },
        { "a CONNACK", "20 02 00 00" },
        { "a SUBACK", "90 03 00 01 00" },
        { "an UNSUBACK", "B0 02 00 01" },
        { "a PINGRESP", "D0 00" },
        { "a PINGREQ with a body", "C0 01 00" },
        { "a PINGREQ with flags", "C1 00" },
        { "a PUBLISH of QoS 3", "36 06 00 01 61 00 01 00" },
        { "a PUBLISH of QoS 0 with DUP", "38 04 00 01 61 00" },
        { "a PUBLISH with packet id 0", "32 06 00 01 61 00 00 00" },
        { "a PUBLISH that is cut off in its topic", "30 05 00 20 61 62 63" },
        { "a PUBLISH that is cut off in its packet id", "32 04 00 01 61 00" },
        { "a PUBLISH without a topic", "30 01 00" },
        { "a PUBLISH with + in its topic", "30 06 00 03 61 2F 2B 00" },
        { "a PUBLISH with # in its topic", "30 06 00 03 61 2F 23 00" },
        { "a PUBLISH with U+0000 in its topic", "30 06 00 03 61 00 62 00" },
        { "a PUBLISH with U+D800 in its topic", "30 06 00 03 ED A0 80 00" },
        { "a PUBLISH with bad UTF-8 in its topic", "30 05 00 02 C3 28 00" },
        { "a PUBLISH with an overlong character in its topic", "30 05 00 02 C0 AF 00" },
        { "a PUBLISH with an empty topic", "30 03 00 00 00" },
        { "a PUBACK with flags", "41 02 00 01" },
        { "a PUBACK with packet id 0", "40 02 00 00" },
        { "a PUBACK that is cut off", "40 01 00" },
        { "a PUBREC with flags", "51 02 00 01" },
        { "a PUBREC with packet id 0", "50 02 00 00" },
        { "a PUBREC that is cut off", "50 01 00" },
        { "a PUBREL without its flag", "60 02 00 01" },
        { "a PUBREL that is cut off", "62 01 00" },
        { "a PUBREL with packet id 0", "62 02 00 00" },
        { "a PUBCOMP with flags", "72 02 00 01" },
        { "a PUBCOMP with packet id 0", "70 02 00 00" },
        { "a PUBCOMP that is cut off", "70 01 00" },
        { "a SUBSCRIBE that is cut off", "82 01 00" },
        { "an UNSUBSCRIBE that is cut off", "A2 01 00" },
        { "a DISCONNECT with flags", "E1 00" },
    };

    public static readonly TheoryData<string, string> Of311 = new()
    {
        { "an AUTH", "F0 00" },
        { "a PUBACK that is too long", "40 03 00 01 00" },
        { "a PUBREL that is too long", "62 03 00 01 00" },
        { "a SUBSCRIBE without its flag", "80 06 00 01 00 01 61 00" },
        { "a SUBSCRIBE with packet id 0", "82 06 00 00 00 01 61 00" },
        { "a SUBSCRIBE without a filter", "82 02 00 01" },
        { "a SUBSCRIBE with an empty filter", "82 05 00 01 00 00 00" },
        { "a SUBSCRIBE for QoS 3", "82 06 00 01 00 01 61 03" },
        { "a SUBSCRIBE with reserved bits", "82 06 00 01 00 01 61 04" },
        { "a SUBSCRIBE that is cut off in its filter", "82 05 00 01 00 05 61" },
        { "a SUBSCRIBE whose second filter is bad", "82 0A 00 01 00 01 61 00 00 01 61 03" },
        { "a SUBSCRIBE with U+D800 in its filter", "82 08 00 01 00 03 ED A0 80 00" },
        { "a SUBSCRIBE without a QoS", "82 05 00 01 00 01 61" },
        { "a SUBSCRIBE with # in the middle", "82 08 00 01 00 03 23 2F 61 00" },
        { "a SUBSCRIBE with # behind a letter", "82 07 00 01 00 02 61 23 00" },
        { "a SUBSCRIBE with + behind a letter", "82 07 00 01 00 02 61 2B 00" },
        { "a SUBSCRIBE with U+0000 in its filter", "82 06 00 01 00 01 00 00" },
        { "a SUBSCRIBE with bad UTF-8 in its filter", "82 06 00 01 00 01 FF 00" },
        { "an UNSUBSCRIBE without its flag", "A0 05 00 01 00 01 61" },
        { "an UNSUBSCRIBE with packet id 0", "A2 05 00 00 00 01 61" },
        { "an UNSUBSCRIBE without a filter", "A2 02 00 01" },
        { "an UNSUBSCRIBE with an empty filter", "A2 04 00 01 00 00" },
        { "an UNSUBSCRIBE that is cut off in its filter", "A2 05 00 01 00 05 61" },
        { "an UNSUBSCRIBE with # behind a letter", "A2 06 00 01 00 02 61 23" },
        { "an UNSUBSCRIBE with U+0000 in its filter", "A2 05 00 01 00 01 00" },
        { "an UNSUBSCRIBE with bad UTF-8 in its filter", "A2 05 00 01 00 01 FF" },
        { "a DISCONNECT with a body", "E0 01 00" },
    };

    public static readonly TheoryData<string, string, int?> Of5 = new()
    {
        { "an AUTH without a method agreed on", "F0 00", 0x82 },
        { "a PINGREQ whose length has more bytes than it needs", "C0 80 00", 0x81 },
        { "a PUBLISH whose length has more bytes than it needs", "30 85 80 00 00 01 61 00 00", 0x81 },
        { "a length of properties beyond the packet", "30 05 00 01 61 20 01", 0x81 },
        { "a length of properties in more bytes than it needs", "30 05 00 01 61 80 00", 0x81 },
        { "a PUBLISH with an unknown property", "30 06 00 01 61 02 7F 00", 0x81 },
        { "a PUBLISH with a property of CONNECT", "30 09 00 01 61 05 11 00 00 00 01", 0x81 },
        { "a PUBLISH with a subscription identifier", "30 06 00 01 61 02 0B 01", 0x81 },
        { "a PUBLISH with a payload format of 2", "30 06 00 01 61 02 01 02", 0x82 },
        { "a PUBLISH with a property twice", "30 08 00 01 61 04 01 00 01 00", 0x82 },
        { "a PUBLISH with a user property that is cut off", "30 08 00 01 61 04 26 00 01 61", 0x81 },
        { "a PUBLISH with U+0000 in a user property", "30 0B 00 01 61 07 26 00 01 61 00 01 00", 0x81 },
        { "a PUBLISH with a wildcard in its response topic", "30 08 00 01 61 04 08 00 01 23", 0x81 },
        {
            "a PUBLISH with a user property twice that is good and one that is bad UTF-8",
            "30 12 00 01 61 0E 26 00 01 61 00 01 62 26 00 01 61 00 01 FF",
            0x81
        },
        { "a PUBLISH with bad UTF-8 in its content type", "30 08 00 01 61 04 03 00 01 FF", 0x81 },
        { "a PUBLISH with an empty response topic", "30 07 00 01 61 03 08 00 00", 0x81 },
        { "a PUBLISH with U+0000 in its response topic", "30 08 00 01 61 04 08 00 01 00", 0x81 },
        { "a PUBLISH with correlation data that is cut off", "30 08 00 01 61 04 09 00 05 61", 0x81 },
        { "a PUBLISH with an expiry that is cut off", "30 07 00 01 61 03 02 00 01", 0x81 },
        { "a PUBLISH with two topic aliases", "30 0A 00 01 61 06 23 00 01 23 00 01", 0x82 },
        { "a PUBLISH with topic alias 0", "30 07 00 01 61 03 23 00 00", 0x94 },
        { "a PUBLISH with a topic alias above the maximum", "30 07 00 01 61 03 23 00 11", 0x94 },
        { "a PUBLISH with a topic alias that stands for nothing", "30 06 00 00 03 23 00 01", 0x82 },
        { "a PUBLISH with an unknown topic alias of QoS 1", "32 08 00 00 00 01 03 23 00 02", 0x82 },
        { "a PUBACK with an unknown reason code", "40 03 00 01 05", 0x82 },
        { "a PUBACK with a foreign property", "40 06 00 01 00 02 01 00", 0x81 },
        { "a PUBACK with two reason strings", "40 0C 00 01 00 08 1F 00 01 61 1F 00 01 61", 0x82 },
        { "a PUBREC with an unknown reason code", "50 03 00 01 05", 0x82 },
        { "a PUBREL with an unknown reason code", "62 03 00 01 80", 0x82 },
        { "a PUBREL with a foreign property", "62 06 00 01 00 02 01 00", 0x81 },
        { "a PUBCOMP with an unknown reason code", "70 03 00 01 80", 0x82 },
        { "a SUBSCRIBE without its flag", "80 07 00 01 00 00 01 61 00", 0x81 },
        { "a SUBSCRIBE with packet id 0", "82 07 00 00 00 00 01 61 00", 0x82 },
        { "a SUBSCRIBE without a filter", "82 03 00 01 00", 0x82 },
        { "a SUBSCRIBE with an empty filter", "82 06 00 01 00 00 00 00", 0x81 },
        { "a SUBSCRIBE for QoS 3", "82 07 00 01 00 00 01 61 03", 0x82 },
        { "a SUBSCRIBE with reserved bits", "82 07 00 01 00 00 01 61 40", 0x81 },
        { "a SUBSCRIBE with retain handling 3", "82 07 00 01 00 00 01 61 30", 0x82 },
        { "a SUBSCRIBE without options", "82 06 00 01 00 00 01 61", 0x81 },
        { "a SUBSCRIBE that is cut off in its filter", "82 06 00 01 00 00 05 61", 0x81 },
        { "a SUBSCRIBE with U+0000 in its filter", "82 07 00 01 00 00 01 00 00", 0x81 },
        { "a SUBSCRIBE with bad UTF-8 in its filter", "82 07 00 01 00 00 01 FF 00", 0x81 },
        { "a SUBSCRIBE with a foreign property", "82 0B 00 01 04 1F 00 01 61 00 01 61 00", 0x81 },
        { "a SUBSCRIBE with a subscription identifier of five bytes", "82 0D 00 01 06 0B 80 80 80 80 01 00 01 61 00", 0x81 },
        { "a SUBSCRIBE with # behind a letter", "82 08 00 01 00 00 02 61 23 00", 0x81 },
        { "a SUBSCRIBE with # in the middle", "82 09 00 01 00 00 03 23 2F 61 00", 0x81 },
        { "a SUBSCRIBE with + behind a letter", "82 08 00 01 00 00 02 61 2B 00", 0x81 },
        { "a SUBSCRIBE with subscription identifier 0", "82 09 00 01 02 0B 00 00 01 61 00", 0x82 },
        { "a SUBSCRIBE with two subscription identifiers", "82 0B 00 01 04 0B 01 0B 02 00 01 61 00", 0x82 },
        { "a shared SUBSCRIBE without its own messages", "82 10 00 01 00 00 0A 24 73 68 61 72 65 2F 67 2F 61 04", 0x82 },
        { "a shared SUBSCRIBE without a name", "82 0F 00 01 00 00 09 24 73 68 61 72 65 2F 2F 61 00", 0x81 },
        { "a shared SUBSCRIBE without a filter", "82 0F 00 01 00 00 09 24 73 68 61 72 65 2F 67 2F 00", 0x81 },
        { "a shared SUBSCRIBE with a wildcard for a name", "82 10 00 01 00 00 0A 24 73 68 61 72 65 2F 2B 2F 61 00", 0x81 },
        { "an UNSUBSCRIBE without its flag", "A0 06 00 01 00 00 01 61", 0x81 },
        { "an UNSUBSCRIBE with an empty filter", "A2 05 00 01 00 00 00", 0x81 },
        { "an UNSUBSCRIBE with # behind a letter", "A2 07 00 01 00 00 02 61 23", 0x81 },
        { "an UNSUBSCRIBE with U+0000 in its filter", "A2 06 00 01 00 00 01 00", 0x81 },
        { "an UNSUBSCRIBE with a foreign property", "A2 08 00 01 02 0B 01 00 01 61", 0x81 },
        { "an UNSUBSCRIBE with packet id 0", "A2 06 00 00 00 00 01 61", 0x82 },
        { "an UNSUBSCRIBE without a filter", "A2 03 00 01 00", 0x82 },
        { "a DISCONNECT with a reason code of the server", "E0 01 8B", 0x82 },
        { "a DISCONNECT with a session expiry that CONNECT did not have", "E0 07 00 05 11 00 00 00 01", 0x82 },
        { "a DISCONNECT with a server reference", "E0 06 00 04 1C 00 01 61", 0x81 },
        { "a DISCONNECT with two reason strings", "E0 0A 00 08 1F 00 01 61 1F 00 01 61", 0x82 },
        { "a DISCONNECT that is cut off in its properties", "E0 03 00 05 1F", 0x81 },
        { "a DISCONNECT that is too long", "E0 03 00 00 00", 0x81 },
    };

    /// <summary>As the first packet; with the CONNACK before the end, or null.</summary>
    public static readonly TheoryData<string, string, string?> First = new()
    {
        { "a PUBLISH", "30 04 00 01 61 00", null },
        { "a PINGREQ", "C0 00", null },
        { "a packet of type 0", "00 00", null },
        { "an AUTH", "F0 00", null },
        { "a CONNECT whose length has five bytes", "10 80 80 80 80 01", null },
        { "a CONNECT with flags", "11 0E 00 04 4D 51 54 54 04 02 00 00 00 02 61 62", null },
        { "a CONNECT without a name of the protocol", "10 0A 00 00 04 02 00 00 00 02 61 62", "20 02 00 01" },
        { "a CONNECT of level 2", "10 0E 00 04 4D 51 54 54 02 02 00 00 00 02 61 62", "20 02 00 01" },
        { "a CONNECT of level 6", "10 0F 00 04 4D 51 54 54 06 02 00 00 00 00 02 61 62", "20 03 00 84 00" },
        { "a CONNECT that is cut off", "10 0D 00 04 4D 51 54 54 04 02 00 00 00 02 61", null },
        { "a CONNECT that is too long", "10 0F 00 04 4D 51 54 54 04 02 00 00 00 02 61 62 00", null },
        { "a CONNECT with the reserved flag", "10 0E 00 04 4D 51 54 54 04 03 00 00 00 02 61 62", null },
        { "a CONNECT with a QoS of a will that is none", "10 0E 00 04 4D 51 54 54 04 0A 00 00 00 02 61 62", null },
        { "a CONNECT with a retained will that is none", "10 0E 00 04 4D 51 54 54 04 22 00 00 00 02 61 62", null },
        { "a CONNECT with a will of QoS 3", "10 14 00 04 4D 51 54 54 04 1E 00 00 00 02 61 62 00 01 61 00 01 62", null },
        { "a CONNECT with a wildcard in the will's topic", "10 14 00 04 4D 51 54 54 04 06 00 00 00 02 61 62 00 01 23 00 01 62", null },
        { "a CONNECT with an empty topic of the will", "10 13 00 04 4D 51 54 54 04 06 00 00 00 02 61 62 00 00 00 01 62", null },
        { "a CONNECT with a password and no user", "10 11 00 04 4D 51 54 54 04 42 00 00 00 02 61 62 00 01 70", null },
        { "a CONNECT with U+0000 in its client id", "10 0E 00 04 4D 51 54 54 04 02 00 00 00 02 61 00", null },
        { "a CONNECT with bad UTF-8 in its user name", "10 11 00 04 4D 51 54 54 04 82 00 00 00 02 61 62 00 01 FF", null },
        { "a CONNECT with U+0000 in the topic of the will", "10 14 00 04 4D 51 54 54 04 06 00 00 00 02 61 62 00 01 00 00 01 62", null },
        { "a CONNECT with a user name that its flags deny", "10 11 00 04 4D 51 54 54 04 02 00 00 00 02 61 62 00 01 75", null },
        { "a CONNECT without the user name that its flags promise", "10 0E 00 04 4D 51 54 54 04 82 00 00 00 02 61 62", null },
        { "a CONNECT that keeps a session without a client id", "10 0C 00 04 4D 51 54 54 04 00 00 00 00 00", "20 02 00 02" },
        { "a CONNECT of 5 with the reserved flag", "10 0F 00 04 4D 51 54 54 05 03 00 00 00 00 02 61 62", "20 03 00 81 00" },
        { "a CONNECT of 5 with U+D800 in its client id", "10 10 00 04 4D 51 54 54 05 02 00 00 00 00 03 ED A0 80", "20 03 00 81 00" },
        { "a CONNECT of 5 with a receive maximum of 0", "10 12 00 04 4D 51 54 54 05 02 00 00 03 21 00 00 00 02 61 62", "20 03 00 82 00" },
        { "a CONNECT of 5 with a maximum packet size of 0", "10 14 00 04 4D 51 54 54 05 02 00 00 05 27 00 00 00 00 00 02 61 62", "20 03 00 82 00" },
        { "a CONNECT of 5 that is cut off", "10 0E 00 04 4D 51 54 54 05 02 00 00 00 00 02 61", "20 03 00 81 00" },
        { "a CONNECT of 5 that is too long", "10 10 00 04 4D 51 54 54 05 02 00 00 00 00 02 61 62 00", "20 03 00 81 00" },
        { "a CONNECT of 5 whose length has more bytes than it needs", "10 8F 00 00 04 4D 51 54 54 05 02 00 00 00 00 02 61 62", "20 03 00 81 00" },
        { "a CONNECT of 5 with a QoS of a will that is none", "10 0F 00 04 4D 51 54 54 05 0A 00 00 00 00 02 61 62", "20 03 00 81 00" },
        { "a CONNECT of 5 with a will of QoS 3", "10 16 00 04 4D 51 54 54 05 1E 00 00 00 00 02 61 62 00 00 01 61 00 01 62", "20 03 00 81 00" },
        {
            "a CONNECT of 5 with a will's payload format of 2",
            "10 18 00 04 4D 51 54 54 05 06 00 00 00 00 02 61 62 02 01 02 00 01 61 00 01 62",
            "20 03 00 82 00"
        },
        {
            "a CONNECT of 5 with a will's topic alias",
            "10 19 00 04 4D 51 54 54 05 06 00 00 00 00 02 61 62 03 23 00 01 00 01 61 00 01 62",
            "20 03 00 81 00"
        },
        {
            "a CONNECT of 5 with U+0000 in a user property",
            "10 16 00 04 4D 51 54 54 05 02 00 00 07 26 00 01 00 00 01 61 00 02 61 62",
            "20 03 00 81 00"
        },
        {
            "a CONNECT of 5 with two authentication methods",
            "10 17 00 04 4D 51 54 54 05 02 00 00 08 15 00 01 61 15 00 01 61 00 02 61 62",
            "20 03 00 82 00"
        },
        {
            "a CONNECT of 5 with two session expiries",
            "10 19 00 04 4D 51 54 54 05 02 00 00 0A 11 00 00 00 01 11 00 00 00 01 00 02 61 62",
            "20 03 00 82 00"
        },
        { "a CONNECT of 5 that requests problems with 2", "10 11 00 04 4D 51 54 54 05 02 00 00 02 17 02 00 02 61 62", "20 03 00 82 00" },
        { "a CONNECT of 5 with a property of PUBLISH", "10 12 00 04 4D 51 54 54 05 02 00 00 03 23 00 01 00 02 61 62", "20 03 00 81 00" },
        {
            "a CONNECT of 5 with authentication data and no method",
            "10 13 00 04 4D 51 54 54 05 02 00 00 04 16 00 01 61 00 02 61 62",
            "20 03 00 82 00"
        },
        {
            "a CONNECT of 5 with a wildcard in the will's topic",
            "10 16 00 04 4D 51 54 54 05 06 00 00 00 00 02 61 62 00 00 01 2B 00 01 62",
            "20 03 00 81 00"
        },
    };

    [Theory]
    [MemberData(nameof(OfBoth))]
    [MemberData(nameof(Of311))]
    public async Task What_3_1_1_forbids_ends_its_connection_in_time_stores_nothing_and_harms_nobody_else(string what, string hex) =>
        Assert.True(await EndOfAsync(4, what, hex) is null, what);

    [Theory]
    [MemberData(nameof(OfBoth))]
    [MemberData(nameof(Of5))]
    public async Task What_5_forbids_ends_its_connection_in_time_is_told_why_stores_nothing_and_harms_nobody_else(
        string what,
        string hex,
        int? told = null
    )
    {
        var reason = await EndOfAsync(5, what, hex);

        Assert.True(told is null ? reason is 0x81 or 0x82 : reason == told, $"{what}: {reason:X}");
    }

    [Theory]
    [MemberData(nameof(First))]
    public async Task What_must_not_come_first_ends_its_connection(string what, string hex, string? connAck)
    {
        var bridge = await one.QuietAsync();
        using var other = await bridge.ConnectAsync("8");
        using var stranger = await RawTap.OpenAsync(bridge.Port);
        var watch = Stopwatch.StartNew();
        await stranger.SendAsync(RawTap.Hex(hex));

        var answer = await stranger.ReadAsync();

        Assert.True(answer is null ? connAck is null : connAck is not null && answer.SequenceEqual(RawTap.Hex(connAck)), what);
        Assert.Null(answer is null ? null : await stranger.ReadAsync());
        Assert.True(watch.Elapsed < InTime, $"{what}: {watch.Elapsed}");
        Assert.Equal(1, bridge.Connected);
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", """{"volume":473}"""))).IsSuccess);
    }

    [Theory]
    [InlineData(4, "20 02 00 05")]
    [InlineData(5, "20 03 00 87 00")]
    public async Task What_comes_with_a_CONNECT_that_is_refused_is_not_taken(byte level, string connAck)
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:AllowAnonymous", "false"));
        await bridge.Get<TapTokens>().LoadAsync(new Dictionary<int, byte[]>());
        using var tap = await RawTap.OpenAsync(bridge.Port);

        await tap.SendAsync([.. RawTap.Connect(level, 7), .. RawTap.Publish(level, 1, 1, "taps/7/pours", """{"volume":250}""")]);

        var answer = await tap.ReadAsync();
        Assert.Equal(RawTap.Hex(connAck)[2..4], answer![2..4]);
        Assert.Null(await tap.ReadAsync());
        Assert.Empty(await bridge.EntriesAsync());
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task What_comes_behind_a_DISCONNECT_is_not_taken(byte level)
    {
        var bridge = await one.QuietAsync();
        var before = (await bridge.EntriesAsync()).Count;
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);

        await tap.SendAsync([0xE0, 0, .. RawTap.Publish(level, 0, 0, "taps/7/pours", """{"volume":250}""")]);

        Assert.Null(await tap.EndAsync());
        Assert.Equal(before, (await bridge.EntriesAsync()).Count);
        Assert.Empty(await bridge.DeadLettersAsync());
    }

    /// <summary>Sends a packet after CONNECT and a good pour behind it, which must not be taken any more.</summary>
    /// <returns>The reason code of the DISCONNECT, or null.</returns>
    private async Task<int?> EndOfAsync(byte level, string what, string hex)
    {
        var bridge = await one.QuietAsync();
        var before = (await bridge.EntriesAsync()).Count;
        using var other = await bridge.ConnectAsync("8");
        using var tap = await RawTap.ConnectAsync(bridge.Port, level, 7);
        var watch = Stopwatch.StartNew();

        await tap.SendAsync([.. RawTap.Hex(hex), .. RawTap.Publish(level, 0, 0, "taps/7/pours", """{"volume":250}""")]);
        var reason = await tap.EndAsync();

        Assert.True(watch.Elapsed < InTime, $"{what}: {watch.Elapsed}");
        Assert.True((await other.PublishAsync(PourTests.Pour("taps/8/pours", """{"volume":473}"""))).IsSuccess);
        Assert.Equal("8", Assert.Single((await bridge.EntriesAsync()).Skip(before))["tap"]);
        Assert.Empty(await bridge.DeadLettersAsync());
        return reason;
    }

    /// <summary>One bridge for all packets: what ends a connection harms nobody, also not who comes later.</summary>
    public sealed class OneBridge(RedisServer redis) : IAsyncLifetime
    {
        private TestBridge? _bridge;

        /// <inheritdoc />
        public async Task InitializeAsync() => _bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxRefusalsPerSecond", "1000"));

        /// <inheritdoc />
        public async Task DisposeAsync() => await _bridge!.DisposeAsync();

        /// <summary>The bridge, once those that an earlier packet needed have left it.</summary>
        internal async Task<TestBridge> QuietAsync()
        {
            await Eventually.TrueAsync(() => Task.FromResult(_bridge!.Connected == 0), "nobody is connected any more");
            return _bridge!;
        }
    }
}
