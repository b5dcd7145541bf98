using System.Net.Sockets;

namespace MQTTnet.Tests;

/// <summary>A connection that sends whatever bytes it is told to.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>CONNECT of version 4 or 5 with clean start, keep-alive in seconds and a three-letter identifier.</summary>
    public static byte[] ConnectPacket(byte level, string id, byte keepAlive = 0, byte flags = 2)
    {
        byte[] properties = level == 5 ? [0] : [];
        return [0x10, (byte)(12 + properties.Length + id.Length), 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', level, flags, 0, keepAlive, .. properties, 0, (byte)id.Length, .. id.Select(c => (byte)c)];
    }

    public static async Task<RawClient> OpenAsync(int port)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync("127.0.0.1", port);
        return client;
    }

    /// <summary>Opens and gets a CONNACK of success.</summary>
    public static async Task<RawClient> ConnectAsync(int port, byte level, string id, byte keepAlive = 0, byte flags = 2)
    {
        var client = await OpenAsync(port);
        await client.SendAsync(ConnectPacket(level, id, keepAlive, flags));
        var answer = await client.ReadPacketAsync();
        Assert.NotNull(answer);
        Assert.Equal(0x20, answer[0]);
        Assert.Equal(0, answer[3]);
        return client;
    }

    public async Task SendAsync(params byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // The server may have closed before all was sent; what it answered is still checked.
        }
    }

    /// <summary>Reads one packet with its header; null when the server has closed.</summary>
    public async Task<byte[]?> ReadPacketAsync()
    {
        using var patience = new CancellationTokenSource(Support.Patience);
        var header = new byte[2];
        if (!await FillAsync(header, patience.Token))
        {
            return null;
        }

        // Two bytes of remaining length are all that these tests need.
        var length = (int)header[1];
        byte[] start = header;
        if ((length & 0x80) != 0)
        {
            var more = new byte[1];
            Assert.True(await FillAsync(more, patience.Token));
            length = (length & 0x7F) | (more[0] << 7);
            start = [.. header, .. more];
        }

        var body = new byte[length];
        Assert.True(await FillAsync(body, patience.Token));
        return [.. start, .. body];
    }

    /// <summary>Reads until the server closes. Returns the reason code of a DISCONNECT that came before; null when none did.</summary>
    public async Task<byte?> ReadToCloseAsync()
    {
        byte? reason = null;
        while (await ReadPacketAsync() is { } packet)
        {
            if (packet[0] == 0xE0)
            {
                reason = packet.Length > 2 ? packet[2] : (byte)0;
            }
        }

        return reason;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> FillAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (!target.IsEmpty)
        {
            int read;
            try
            {
                read = await _socket.ReceiveAsync(target, cancellationToken);
            }
            catch (SocketException)
            {
                return false;
            }

            if (read == 0)
            {
                return false;
            }

            target = target[read..];
        }

        return true;
    }
}
