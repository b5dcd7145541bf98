using System.Buffers.Binary;
using System.Diagnostics;

namespace Benchmarks.Load;

/// <summary>Taps that each keep some pours in flight all the time.</summary>
/// <param name="Port">Port of the server on loopback.</param>
/// <param name="Taps">How many taps; their ids begin with 1.</param>
/// <param name="InFlight">Pours of each tap that wait for their PUBACK.</param>
/// <param name="WarmUp">Seconds before anything counts.</param>
/// <param name="Seconds">Seconds that count.</param>
/// <param name="Level">4 for MQTT 3.1.1, 5 for MQTT 5.</param>
internal sealed record MqttLoadOptions(int Port, int Taps, int InFlight, double WarmUp, double Seconds, int Level = 5);

/// <summary>What a load tells when the seconds that count begin.</summary>
internal sealed record WindowOpened;

/// <summary>What <see cref="MqttLoad"/> tells at its end.</summary>
/// <param name="Acknowledged">All pours, also those of the warm-up; each was acknowledged.</param>
/// <param name="PerSecond">Pours acknowledged in a second, in the seconds that count.</param>
internal sealed record MqttLoadResult(long Acknowledged, double PerSecond);

/// <summary>Publishes as fast as the server acknowledges.</summary>
internal static class MqttLoad
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static volatile bool _isOver;

    public static async Task RunAsync(MqttLoadOptions options)
    {
        var sockets = await TapSocket.ConnectAllAsync(options.Port, options.Taps, options.Level);
        var taps = Array.ConvertAll(sockets, socket => new Tap(socket, options.InFlight));
        var publishing = Task.WhenAll(taps.Select(tap => tap.PublishAsync()));
        await WaitAsync(publishing, options.WarmUp);
        Child.Tell(new WindowOpened());
        var (before, watch) = (taps.Sum(tap => tap.Acknowledged), Stopwatch.StartNew());
        await WaitAsync(publishing, options.Seconds);
        var perSecond = (taps.Sum(tap => tap.Acknowledged) - before) / watch.Elapsed.TotalSeconds;
        _isOver = true;
        await publishing.WaitAsync(Patience);
        Child.Tell(new MqttLoadResult(taps.Sum(tap => tap.Acknowledged), perSecond));
    }

    private static async Task WaitAsync(Task publishing, double seconds) =>
        // A tap that fails ends the wait with its error.
        await await Task.WhenAny(publishing, Task.Delay(TimeSpan.FromSeconds(seconds)));

    private sealed class Tap(TapSocket socket, int inFlight)
    {
        private ushort _published;
        private ushort _acknowledged;

        /// <summary>How many pours were acknowledged.</summary>
        public long Acknowledged { get; private set; }

        /// <summary>Publishes until it is over, and until all of it is acknowledged.</summary>
        public async Task PublishAsync()
        {
            var packet = socket.Packet();
            var buffer = new byte[inFlight * packet.Length];
            var waiting = 0;
            while (true)
            {
                var count = _isOver ? 0 : inFlight - waiting;
                if (count > 0)
                {
                    var now = DateTime.UtcNow;
                    for (var n = 0; n < count; n++)
                    {
                        packet.Write(buffer.AsSpan(n * packet.Length), Next(ref _published), now);
                    }

                    waiting += count;
                    await socket.SendAsync(buffer.AsMemory(0, count * packet.Length));
                }
                else if (waiting == 0)
                {
                    return;
                }

                await socket.ReceiveAsync();
                waiting -= TakeAcknowledgements();
            }
        }

        private int TakeAcknowledgements()
        {
            var count = 0;
            while (socket.TryRead(out var header, out var body))
            {
                // In the order of the PUBLISHes (MQTT 5, section 4.6), and 16 is "no matching subscribers".
                var isAccepted = header == Packets.PubAck && (body.Length == 2 || body.Span[2] is 0 or 16);
                if (!isAccepted || BinaryPrimitives.ReadUInt16BigEndian(body.Span) != Next(ref _acknowledged))
                {
                    throw socket.Unexpected(header, body.Span);
                }

                count++;
            }

            Acknowledged += count;
            return count;
        }

        // From 1 to 65,535, and again.
        private static ushort Next(ref ushort packetId) => packetId = (ushort)(packetId == ushort.MaxValue ? 1 : packetId + 1);
    }
}
