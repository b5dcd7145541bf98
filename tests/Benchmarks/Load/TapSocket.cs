using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Load;

/// <summary>An MQTT connection that costs its process little more than its system calls.</summary>
internal sealed class TapSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly int _tap;
    private readonly int _level;
    private byte[] _received = new byte[512];
    private int _start;
    private int _end;

    private TapSocket(int tap, int level) => (_tap, _level) = (tap, level);

    /// <summary>Connects as a tap.</summary>
    /// <param name="port">Port of the server on loopback.</param>
    /// <param name="tap">The tap id.</param>
    /// <param name="level">4 for MQTT 3.1.1, 5 for MQTT 5.</param>
    /// <param name="token">The tap's token; anything where anonymous clients get in.</param>
    /// <param name="keepAlive">In seconds.</param>
    public static async Task<TapSocket> ConnectAsync(int port, int tap, int level = 5, string token = "none", int keepAlive = 60)
    {
        var socket = new TapSocket(tap, level);
        await socket._socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Packets.Connect(tap, level, token, keepAlive));
        var connAck = await socket.ReadAsync(Packets.ConnAck);
        return connAck.Span[1] == 0 ? socket : throw new InvalidOperationException($"Tap {tap} was refused: 0x{connAck.Span[1]:X2}.");
    }

    /// <summary>Connects many taps, tap 1 first.</summary>
    public static async Task<TapSocket[]> ConnectAllAsync(int port, int count, int level = 5)
    {
        var taps = new TapSocket[count];
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (n, _) => taps[n] = await ConnectAsync(port, n + 1, level)
        );
        return taps;
    }

    /// <summary>The packet of this tap's pours.</summary>
    public PourPacket Packet() => new(_tap, _level);

    /// <summary>Subscribes to what was committed of this tap's pours.</summary>
    public async Task SubscribeToReceiptsAsync()
    {
        await SendAsync(Packets.Subscribe($"taps/{_tap}/receipts", _level));
        await ReadAsync(Packets.SubAck);
    }

    /// <summary>Sends all bytes.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Sends all bytes on this thread.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Takes the next packet of what was received.</summary>
    /// <param name="header">Its first byte.</param>
    /// <param name="body">What comes after its length; valid until the next call of <see cref="ReceiveAsync"/>.</param>
    /// <returns>False when more bytes must come first.</returns>
    public bool TryRead(out byte header, out ReadOnlyMemory<byte> body)
    {
        (header, body) = (0, default);
        var (length, at, shift) = (0, _start + 1, 0);
        do
        {
            if (at >= _end)
            {
                return false;
            }

            length |= (_received[at] & 0x7F) << shift;
            shift += 7;
        } while (_received[at++] >= 0x80);

        if (_end - at < length)
        {
            return false;
        }

        (header, body) = (_received[_start], _received.AsMemory(at, length));
        _start = at + length;
        return true;
    }

    /// <summary>Waits for more bytes.</summary>
    /// <exception cref="InvalidOperationException">The server has closed the connection.</exception>
    public async ValueTask ReceiveAsync()
    {
        _received.AsSpan(_start.._end).CopyTo(_received);
        (_start, _end) = (0, _end - _start);
        if (_end == _received.Length)
        {
            Array.Resize(ref _received, 2 * _end);
        }

        var count = await _socket.ReceiveAsync(_received.AsMemory(_end));
        _end += count > 0 ? count : throw new InvalidOperationException($"The server has closed the connection of tap {_tap}.");
    }

    /// <summary>Waits for the next packet, which must be of a kind.</summary>
    /// <returns>Its body.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(byte kind)
    {
        byte header;
        ReadOnlyMemory<byte> body;
        while (!TryRead(out header, out body))
        {
            await ReceiveAsync();
        }

        return header == kind ? body : throw Unexpected(header, body.Span);
    }

    /// <summary>Says what came that should not have come.</summary>
    public InvalidOperationException Unexpected(byte header, ReadOnlySpan<byte> body) =>
        new($"Tap {_tap} got a packet that begins with 0x{header:X2} {Convert.ToHexString(body[..Math.Min(body.Length, 8)])}.");

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();
}
