using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Mqtt.Bridge.Listener;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>Packets that were good until something happened to them. <see cref="Fuzz"/> says how to try millions.</summary>
[Collection(nameof(RedisCollection))]
public sealed class FuzzTests(RedisServer redis)
{
    private const string Pour = """{"id":"0199f5a0-0000-7000-8000-000000000001","volume":473.25,"pouredAt":"2026-11-29T10:00:00Z","seq":7}""";

    // The packets that taps send, of both versions.
    private static readonly byte[][][] Good =
    [
        [.. Packets(4)],
        [.. Packets(5)],
    ];

    [Fact]
    public void However_packets_are_broken_and_cut_they_are_read_alike_or_refused_alike_and_nothing_else()
    {
        for (var n = 0; n < Fuzz.Count(100_000); n++)
        {
            var random = Fuzz.Random(n);
            var bytes = Conversation(random);
            var (read, refused) = Decode(bytes, [bytes.Length], n);
            var cuts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(bytes.Length + 1)).Order().Append(bytes.Length);

            var (readInParts, refusedInParts) = Decode(bytes, cuts, n);

            Assert.True(read.SequenceEqual(readInParts), $"Seed {Fuzz.Seed}, input {n}: read differently when it is cut.");
            Assert.True(refused == refusedInParts, $"Seed {Fuzz.Seed}, input {n}: {refused}, but {refusedInParts} when it is cut.");
        }
    }

    [Fact]
    public async Task Broken_conversations_end_leave_nothing_behind_and_let_nothing_in_that_breaks_the_rules()
    {
        await using var bridge = await TestBridge.StartAsync(redis, ("Mqtt:MaxMessagesPerSecond", "1000000"), ("Mqtt:MaxMessageBurst", "1000000"));
        using var log = new LogLines();
        bridge.Get<ILoggerFactory>().AddProvider(log);
        using var bystander = await bridge.ConnectAsync("8");
        using var finished = new CancellationTokenSource();
        var pouring = PourAsync(bystander, finished.Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var malformed = 0;

        await Parallel.ForEachAsync(
            Enumerable.Range(0, Fuzz.Count(1_500)),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (n, _) =>
            {
                var bytes = Conversation(Fuzz.Random(n));
                using var tap = await RawTap.OpenAsync(bridge.Port);
                await tap.SendAsync(bytes);
                if (Decode(bytes, [bytes.Length], n).Refused is null)
                {
                    // Perhaps it is only in mid-packet.
                    tap.EndSending();
                }
                else
                {
                    Interlocked.Increment(ref malformed);
                }

                await tap.EndAsync();
            }
        );

        await finished.CancelAsync();
        var poured = await pouring;
        Assert.True(malformed > Fuzz.Count(1_500) / 4, $"{malformed} malformed");
        await Eventually.TrueAsync(() => Task.FromResult(bridge.Connected == 1), "only the bystander is connected", TimeSpan.FromSeconds(60));
        Assert.True(poured > 0 && bystander.IsConnected);
        var entries = await bridge.EntriesAsync();
        Assert.Equal(poured, entries.Count(entry => entry["tap"] == "8"));
        Assert.All(entries, Valid);
        Assert.All(await bridge.DeadLettersAsync(), letter => Assert.NotEmpty(letter["reason"]));
        Assert.DoesNotContain(log.Lines, line => line.Contains("Exception", StringComparison.Ordinal));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 * 1024 * 1024);
    }

    private static async Task<int> PourAsync(IMqttClient tap, CancellationToken end)
    {
        var poured = 0;
        while (!end.IsCancellationRequested)
        {
            Assert.True((await tap.PublishAsync(PourTests.Pour("taps/8/pours", """{"volume":473}"""), CancellationToken.None)).IsSuccess);
            poured++;
        }

        return poured;
    }

    // The rules for an entry, in other words than the product's.
    private static void Valid(Dictionary<string, string> entry)
    {
        Assert.True(Guid.TryParseExact(entry["id"], "D", out var id) && id != Guid.Empty, entry["id"]);
        Assert.True(int.TryParse(entry["tap"], NumberStyles.None, CultureInfo.InvariantCulture, out var tap) && tap > 0, entry["tap"]);
        using var body = JsonDocument.Parse(entry["body"]);
        Assert.Equal(JsonValueKind.Object, body.RootElement.ValueKind);
        switch (entry["kind"])
        {
            case "pour":
                Assert.InRange(body.RootElement.GetProperty("volume").GetDecimal(), 100, 1000);
                break;
            case "reading":
                break;
            case "event":
                Assert.All(
                    (string[])["component", "environment", "message"],
                    name => Assert.NotEmpty(body.RootElement.GetProperty(name).GetString()!)
                );
                break;
            default:
                Assert.Fail($"Kind {entry["kind"]}");
                break;
        }
    }

    private static byte[] Conversation(Random random)
    {
        var good = Good[random.Next(2)];
        // The first is the CONNECT, which is left alone mostly: behind a broken one nothing else would be tried.
        List<byte[]> packets = [good[0], .. Enumerable.Range(0, random.Next(1, 4)).Select(_ => good[random.Next(good.Length)])];
        var broken = random.Next(8) == 0 ? 0 : random.Next(1, packets.Count);
        packets[broken] = random.Next(2) == 0 ? Fuzz.Mutate(random, packets[broken], good) : Resized(random, packets[broken], good);
        return [.. packets.SelectMany(packet => packet)];
    }

    // A change of the content only, with a length that fits: it gets further in.
    private static byte[] Resized(Random random, byte[] packet, byte[][] good)
    {
        var body = Fuzz.Mutate(random, packet[(packet[1] < 0x80 ? 2 : 3)..], good);
        return body.Length < 16_384 ? RawTap.Packet(packet[0], body) : packet;
    }

    private static (IReadOnlyList<string> Read, string? Refused) Decode(byte[] bytes, IEnumerable<int> ends, int n)
    {
        var decoder = new PacketDecoder(new MqttPacketFormatterAdapter(new MqttBufferWriter(1_024, 4_096))) { MaxBytes = 4_096 };
        var read = new List<string>();
        var at = 0;
        try
        {
            foreach (var end in ends)
            {
                var buffer = new ReadOnlySequence<byte>(bytes, at, end - at);
                while (decoder.TryDecode(ref buffer) is { } packet)
                {
                    read.Add(
                        packet is MqttPublishPacket publish
                            ? $"{publish.Topic} {publish.QualityOfServiceLevel} {publish.Payload.Length}"
                            : packet.GetType().Name
                    );
                }

                at = end - (int)buffer.Length;
            }

            return (read, null);
        }
        catch (PacketException ex)
        {
            return (read, $"{ex.Reason} {ex.Message}");
        }
        catch (MqttProtocolViolationException ex)
        {
            // A second CONNECT, which the library judges by its own rules before we refuse it; the connection ends as well.
            return (read, ex.Message);
        }
        catch (Exception ex)
        {
            throw new InvalidOperationException($"Seed {Fuzz.Seed}, input {n}, {Convert.ToHexString(bytes)}", ex);
        }
    }

    private static IEnumerable<byte[]> Packets(byte level)
    {
        byte[] none = level == 5 ? [0] : [];
        yield return level == 5
            ? RawTap.Connect5(7, [0x11, 0, 0, 0, 60, 0x21, 0, 10, 0x27, 0, 0, 16, 0], will: ("taps/7/status", "offline"))
            : RawTap.Connect(4, 7, keepAlive: 60, will: true);
        foreach (var qos in (int[])[0, 1, 2])
        {
            yield return RawTap.Publish(level, qos, 7, "taps/7/pours", Pour);
            yield return RawTap.Publish(level, qos, 8, "taps/7/readings", """{"temperatureC":4.5,"pulses":100}""");
            yield return RawTap.Publish(
                level,
                qos,
                9,
                "taps/7/events",
                """{"component":"tap","environment":"bar","message":"Cleaned","data":{"a":[1]},"email":"a@b.example"}"""
            );
        }

        yield return RawTap.Publish(level, 1, 10, "taps/7/status", "online");
        yield return RawTap.Packet(0x62, [0, 7]);
        yield return RawTap.Packet(0x82, [0, 1, .. none, .. Text("taps/7/receipts"), 1, .. Text("notices/#"), 0]);
        yield return RawTap.Packet(0xA2, [0, 2, .. none, .. Text("taps/7/receipts")]);
        yield return [0xC0, 0];
        if (level == 5)
        {
            // A content type, user properties and an alias; later the alias alone.
            byte[] properties =
            [
                3,
                .. Text("application/json"),
                0x26,
                .. Text("traceparent"),
                .. Text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ];
            yield return RawTap.Packet(
                0x32,
                [.. Text("taps/7/pours"), 0, 11, (byte)properties.Length, .. properties, .. Encoding.UTF8.GetBytes(Pour)]
            );
            yield return [0xE0, 2, 4, 0];
        }
        else
        {
            yield return [0xE0, 0];
        }
    }

    private static byte[] Text(string text) => [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
}
