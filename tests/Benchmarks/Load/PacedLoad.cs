using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Benchmarks.Load;

/// <summary>Taps that pour at a steady rate, whatever the server does (open loop).</summary>
/// <param name="Port">Port of the server on loopback.</param>
/// <param name="Taps">How many taps; their ids begin with 1.</param>
/// <param name="PerSecond">Pours a second of all taps together.</param>
/// <param name="WarmUp">Seconds before anything counts.</param>
/// <param name="Seconds">Seconds that count.</param>
/// <param name="Receipts">Whether the taps wait for the receipts of their pours too.</param>
internal sealed record PacedLoadOptions(int Port, int Taps, double PerSecond, double WarmUp, double Seconds, bool Receipts);

/// <summary>What <see cref="PacedLoad"/> tells at its end; it tells <see cref="WindowOpened"/> when the seconds that count begin.</summary>
/// <param name="CountedFrom">When the seconds that count began; UTC.</param>
/// <param name="Published">All pours, also those of the warm-up; each was acknowledged, and has its receipt where that is waited for.</param>
/// <param name="Counted">Pours of the seconds that count.</param>
/// <param name="Acknowledged">From when a pour was due until its PUBACK.</param>
/// <param name="Receipted">From when a pour was due until its tap had the receipt, which is sent after the commit.</param>
internal sealed record PacedLoadResult(DateTime CountedFrom, int Published, int Counted, Latencies Acknowledged, Latencies Receipted);

/// <summary>Publishes by the clock, and measures from when each pour was due, so that a server that stalls is not spared.</summary>
internal static partial class PacedLoad
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(PacedLoadOptions options)
    {
        var taps = Array.ConvertAll(await TapSocket.ConnectAllAsync(options.Port, options.Taps), socket => new Tap(socket));
        if (options.Receipts)
        {
            await Task.WhenAll(taps.Select(tap => tap.Socket.SubscribeToReceiptsAsync()));
        }

        var total = (int)(options.PerSecond * (options.WarmUp + options.Seconds));
        var (start, step) = (DateTime.UtcNow, TimeSpan.FromSeconds(1) / options.PerSecond);
        var from = start + TimeSpan.FromSeconds(options.WarmUp);
        var expected = Enumerable.Range(0, options.Taps).Select(n => (total / options.Taps) + (n < total % options.Taps ? 1 : 0));
        var reading = Task.WhenAll(taps.Zip(expected, (tap, count) => tap.ReadAsync(count, options.Receipts ? count : 0)));
        var publishing = Task.Factory.StartNew(() => Publish(taps, start, step, total), TaskCreationOptions.LongRunning);
        await await Task.WhenAny(publishing, reading, Task.Delay(TimeSpan.FromSeconds(options.WarmUp)));
        Child.Tell(new WindowOpened());
        await await Task.WhenAny(publishing, reading);
        await reading.WaitAsync(Patience);
        var acknowledged = taps.SelectMany(tap => tap.Acknowledged).Where(pour => pour.Due >= from).ToList();
        Child.Tell(
            new PacedLoadResult(
                from,
                total,
                acknowledged.Count,
                Latencies.Of(acknowledged.Select(pour => pour.Late)),
                Latencies.Of(taps.SelectMany(tap => tap.Receipted).Where(pour => pour.Due >= from).Select(pour => pour.Late))
            )
        );
    }

    private static void Publish(Tap[] taps, DateTime start, TimeSpan step, int total)
    {
        for (var n = 0; n < total; n++)
        {
            var due = start + (n * step);
            while (due - DateTime.UtcNow is { Ticks: > 0 } early)
            {
                // Thread.Sleep wakes up to a millisecond late, which would be most of what is measured.
                _ = NanoSleep(new TimeSpec(early.Ticks / TimeSpan.TicksPerSecond, early.Ticks % TimeSpan.TicksPerSecond * 100), 0);
            }

            taps[n % taps.Length].Publish(due);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec time, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    private sealed class Tap(TapSocket socket)
    {
        // By packet id; far fewer pours than this are under way.
        private readonly DateTime[] _due = new DateTime[1_024];
        private readonly PourPacket _packet = socket.Packet();
        private readonly byte[] _buffer = new byte[socket.Packet().Length];
        private ushort _packetId;

        public TapSocket Socket => socket;

        public List<(DateTime Due, TimeSpan Late)> Acknowledged { get; } = [];

        public List<(DateTime Due, TimeSpan Late)> Receipted { get; } = [];

        public void Publish(DateTime due)
        {
            _packetId = (ushort)(_packetId % ushort.MaxValue + 1);
            _due[_packetId % _due.Length] = due;
            _packet.Write(_buffer, _packetId, due);
            socket.Send(_buffer);
        }

        /// <summary>Reads until all answers are there.</summary>
        public async Task ReadAsync(int acknowledgements, int receipts)
        {
            while (Acknowledged.Count < acknowledgements || Receipted.Count < receipts)
            {
                await socket.ReceiveAsync();
                var now = DateTime.UtcNow;
                while (socket.TryRead(out var header, out var body))
                {
                    if (header == Packets.PubAck)
                    {
                        var due = _due[BinaryPrimitives.ReadUInt16BigEndian(body.Span) % _due.Length];
                        Acknowledged.Add((due, now - due));
                    }
                    else if (header == Packets.Publish)
                    {
                        TakeReceipt(body.Span, now);
                    }
                    else
                    {
                        throw socket.Unexpected(header, body.Span);
                    }
                }
            }
        }

        private void TakeReceipt(ReadOnlySpan<byte> body, DateTime now)
        {
            // Topic, and the properties of MQTT 5, of less than 128 bytes here.
            var properties = 2 + BinaryPrimitives.ReadUInt16BigEndian(body);
            var json = new Utf8JsonReader(body[(properties + 1 + body[properties])..]);
            while (json.Read())
            {
                if (json.TokenType is JsonTokenType.String)
                {
                    var due = PourIds.DueAt(json.GetGuid());
                    Receipted.Add((due, now - due));
                }
            }
        }
    }
}
