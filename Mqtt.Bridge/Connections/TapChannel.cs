using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;

namespace Mqtt.Bridge.Connections;

/// <summary>The bytes of a connection. A packet that announces too much ends it before anybody makes room for the packet.</summary>
/// <remarks>The MQTT server itself has no limit: it allocates whatever length a header names.</remarks>
internal sealed class TapChannel(Socket socket, Stream stream, EndPoint remote, int maxPacketBytes) : IMqttChannel
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    /// <summary>Unread bytes that are let pass at the end.</summary>
    private const int MaxUnread = 64 * 1_024;

    private readonly PacketSizes _sizes = new();
    private bool _isOver;

    /// <summary>Largest packet that is read, with its header.</summary>
    public int MaxPacketBytes { get; set; } = maxPacketBytes;

    /// <summary>Size of the packet that was not read because it is too large; null when there was none.</summary>
    public long? TooLarge { get; private set; }

    /// <inheritdoc />
    public X509Certificate2? ClientCertificate => null;

    /// <inheritdoc />
    public bool IsSecureConnection => stream is SslStream;

    /// <inheritdoc />
    public EndPoint? LocalEndPoint => socket.LocalEndPoint;

    /// <inheritdoc />
    public EndPoint? RemoteEndPoint => remote;

    /// <inheritdoc />
    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (TooLarge is not null)
        {
            return 0;
        }

        try
        {
            var read = await stream.ReadAsync(buffer.AsMemory(offset, count), cancellationToken);
            TooLarge = _sizes.FindTooLarge(buffer.AsSpan(offset, read), MaxPacketBytes);
            return TooLarge is null ? read : 0;
        }
        catch (Exception ex) when (ex is IOException or ObjectDisposedException)
        {
            // However a connection breaks, it is at its end.
            return 0;
        }
    }

    /// <inheritdoc />
    public async Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        foreach (var segment in buffer)
        {
            await stream.WriteAsync(segment, cancellationToken);
        }
    }

    /// <inheritdoc />
    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(GoodbyePatience);
        try
        {
            if (stream is SslStream tls)
            {
                await tls.ShutdownAsync().WaitAsync(patience.Token);
            }

            // Closing with unread bytes resets the connection, and the reset would overtake the last packet to the tap.
            socket.Shutdown(SocketShutdown.Send);
            var unread = new byte[1_024];
            for (var bytes = 0; bytes < MaxUnread && !_isOver; )
            {
                var read = await socket.ReceiveAsync(unread, patience.Token);
                bytes += read;
                _isOver = read == 0;
            }
        }
        catch (Exception ex) when (ex is IOException or SocketException or OperationCanceledException or InvalidOperationException)
        {
            // It is gone already, or does not care for a goodbye.
        }

        Dispose();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            if (!_isOver)
            {
                // A client that neither reads nor goes would hold the connection open, and its buffers in the system.
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
        catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        stream.Dispose();
    }
}
