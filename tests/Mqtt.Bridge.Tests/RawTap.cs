using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Mqtt.Bridge.Tests;

/// <summary>A connection whose bytes the test chooses, because no client library would send them.</summary>
internal sealed class RawTap : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    // Of the bridge and of this end, as the kernel's table has them.
    private string _ports = "";

    private RawTap() { }

    /// <summary>Opens the TCP connection only.</summary>
    public static async Task<RawTap> OpenAsync(int port, int? receiveBuffer = null)
    {
        var tap = new RawTap();
        tap._socket.ReceiveBufferSize = receiveBuffer ?? tap._socket.ReceiveBufferSize;
        await tap._socket.ConnectAsync(IPAddress.Loopback, port);
        tap._ports = $":{port:X4} [0-9A-F]+:{((IPEndPoint)tap._socket.LocalEndPoint!).Port:X4}";
        return tap;
    }

    /// <summary>Connects as a tap and takes the CONNACK.</summary>
    /// <param name="port">The bridge's port.</param>
    /// <param name="level">4 for MQTT 3.1.1, 5 for MQTT 5.</param>
    /// <param name="tap">The tap id.</param>
    /// <param name="keepAlive">In seconds.</param>
    /// <param name="will">Whether it leaves <c>offline</c> as its status.</param>
    /// <param name="receiveBuffer">Size of the socket's buffer.</param>
    public static async Task<RawTap> ConnectAsync(int port, byte level, int tap, ushort keepAlive = 0, bool will = false, int? receiveBuffer = null)
    {
        var raw = await OpenAsync(port, receiveBuffer);
        await raw.SendAsync(Connect(level, tap, keepAlive, will));
        var answer = await raw.ReadAsync();
        Assert.Equal([0x20, 0], [answer![0], answer[3]]);
        return raw;
    }

    /// <summary>A CONNECT with client id <c>raw-{tap}</c> and user name <c>{tap}</c>.</summary>
    public static byte[] Connect(byte level, int tap, ushort keepAlive = 0, bool will = false, bool cleanStart = true)
    {
        byte[] none = level == 5 ? [0] : [];
        byte[] lastWill = will ? [.. none, .. Text($"taps/{tap}/status"), .. Text("offline")] : [];
        return Packet(
            0x10,
            [
                .. Text("MQTT"),
                level,
                (byte)(0x80 | (cleanStart ? 0x02 : 0) | (will ? 0x24 : 0)),
                (byte)(keepAlive >> 8),
                (byte)keepAlive,
                .. none,
                .. Text($"raw-{tap}"),
                .. lastWill,
                .. Text($"{tap}"),
            ]
        );
    }

    /// <summary>A CONNECT of MQTT 5 with clean start, user name <c>{tap}</c> and properties of its own.</summary>
    /// <param name="tap">The tap id.</param>
    /// <param name="properties">The properties, without their length.</param>
    /// <param name="clientId">The client id; <c>raw-{tap}</c> by default.</param>
    /// <param name="will">Topic and payload of a will of QoS 1, or null.</param>
    public static byte[] Connect5(int tap, byte[] properties, string? clientId = null, (string Topic, string Payload)? will = null)
    {
        byte[] lastWill = will is { } left ? [0, .. Text(left.Topic), .. Text(left.Payload)] : [];
        byte[] ofClient = [(byte)properties.Length, .. properties, .. Text(clientId ?? $"raw-{tap}"), .. lastWill, .. Text($"{tap}")];
        return Packet(0x10, [.. Text("MQTT"), 5, (byte)(0x82 | (will is null ? 0 : 0x0C)), 0, 0, .. ofClient]);
    }

    /// <summary>Connects with a CONNECT of the test's choice.</summary>
    /// <returns>The connection, and the CONNACK.</returns>
    public static async Task<(RawTap Tap, byte[] ConnAck)> ConnectAsync(int port, byte[] connect)
    {
        var raw = await OpenAsync(port);
        await raw.SendAsync(connect);
        return (raw, (await raw.ReadAsync())!);
    }

    /// <summary>Bytes written as <c>82 03 00</c>.</summary>
    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>A PUBLISH without properties.</summary>
    public static byte[] Publish(byte level, int qos, ushort id, string topic, string payload)
    {
        byte[] identifier = qos > 0 ? [(byte)(id >> 8), (byte)id] : [];
        byte[] none = level == 5 ? [0] : [];
        return Packet((byte)(0x30 | (qos << 1)), [.. Text(topic), .. identifier, .. none, .. Encoding.UTF8.GetBytes(payload)]);
    }

    /// <summary>A packet of less than 16,384 bytes.</summary>
    public static byte[] Packet(byte header, byte[] body) =>
        body.Length < 128 ? [header, (byte)body.Length, .. body] : [header, (byte)(body.Length % 128 | 0x80), (byte)(body.Length / 128), .. body];

    /// <summary>Sends all bytes; what the other side does not take any more is let fall.</summary>
    /// <returns>False when the connection is at its end.</returns>
    public async Task<bool> SendAsync(byte[] bytes)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            for (ReadOnlyMemory<byte> rest = bytes; !rest.IsEmpty; )
            {
                rest = rest[await _socket.SendAsync(rest, patience.Token)..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads a packet; null at the end of the connection.</summary>
    public async Task<byte[]?> ReadAsync()
    {
        var header = new byte[2];
        if (!await FillAsync(header))
        {
            return null;
        }

        var length = (int)header[1];
        byte[] more = [];
        if (length > 127)
        {
            more = new byte[1];
            await FillAsync(more);
            length = (length & 0x7F) | (more[0] << 7);
        }

        var body = new byte[length];
        return await FillAsync(body) ? [.. header, .. more, .. body] : null;
    }

    /// <summary>Reads to the end of the connection.</summary>
    /// <returns>The reason code of the DISCONNECT before it; null when there was none.</returns>
    public async Task<int?> EndAsync()
    {
        int? reason = null;
        while (await ReadAsync() is { } packet)
        {
            reason = packet[0] == 0xE0 ? packet[2] : reason;
        }

        return reason;
    }

    /// <summary>Says that nothing more will be sent, and goes on listening.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Whether the bridge has given up its end of the connection, whatever is still on its way; as the kernel's table says.</summary>
    public async Task<bool> IsClosedByPeerAsync()
    {
        var lines = await File.ReadAllLinesAsync("/proc/net/tcp6");
        // Established (01), or its client has said that it will send no more (08).
        return !lines.Any(line => Regex.IsMatch(line, $"{_ports} 0[18] "));
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    private async Task<bool> FillAsync(Memory<byte> buffer)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = await _socket.ReceiveAsync(buffer, patience.Token);
                if (read == 0)
                {
                    return false;
                }

                buffer = buffer[read..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
