using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Wire;

namespace MQTTnet;

/// <summary>
/// One network connection of a client. Packets of concurrent senders are collected while a write is under way and then go out together.
/// </summary>
internal sealed class ClientLink : IDisposable
{
    private const int ProtocolLimit = 268_435_460;
    private readonly Stream _stream;
    private readonly PacketReader _reader;
    private readonly MqttProtocolVersion _version;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _gate = new();
    private WireWriter _pending = new();
    private WireWriter _spare = new();
    private int _disposed;

    private ClientLink(Stream stream, MqttProtocolVersion version, uint maximumPacketSize)
    {
        _stream = stream;
        _version = version;
        _reader = new PacketReader(stream, maximumPacketSize == 0 ? ProtocolLimit : (int)Math.Min(maximumPacketSize, ProtocolLimit));
    }

    /// <summary>When the last packet was handed over, as a time stamp of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastSent { get; private set; } = TimeProvider.System.GetTimestamp();

    /// <summary>Opens the connection; a failure is a <see cref="MqttCommunicationException"/>.</summary>
    public static async Task<ClientLink> OpenAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        var tcp = options.ChannelOptions as MqttClientTcpOptions ?? throw StandIn.Lacks(options.ChannelOptions.GetType().Name);
        var endPoint = tcp.RemoteEndpoint ?? throw new ArgumentException("The TCP options have no remote endpoint.", nameof(options));
        Socket? socket = null;
        Stream? stream = null;
        try
        {
            socket = CreateSocket(tcp, endPoint);
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (tcp.TlsOptions?.UseTls == true)
            {
                stream = await ClientTls.AuthenticateAsync(stream, tcp, endPoint, cancellationToken).ConfigureAwait(false);
            }

            return new ClientLink(stream, options.ProtocolVersion, options.MaximumPacketSize);
        }
        catch (Exception exception)
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            socket?.Dispose();
            if (exception is OperationCanceledException or MqttCommunicationException)
            {
                throw;
            }

            throw new MqttCommunicationException(exception);
        }
    }

    /// <summary>Encodes the packet and returns when it, maybe with others, was written.</summary>
    public Task SendAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LastSent = TimeProvider.System.GetTimestamp();
        lock (_gate)
        {
            PacketEncoder.Encode(_pending, packet, _version);
        }

        // Half a packet must never be left on the wire: the token ends the caller's wait, not the write.
        var flush = FlushAsync();
        return flush.IsCompleted || !cancellationToken.CanBeCanceled ? flush : flush.WaitAsync(cancellationToken);
    }

    /// <summary>Reads the next packet; null at the end of the connection.</summary>
    public async ValueTask<MqttPacket?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            MqttPacket? packet;
            while (!_reader.TryRead(_version, out packet))
            {
                if (!await _reader.FillAsync(cancellationToken).ConfigureAwait(false) && !_reader.TryRead(_version, out packet))
                {
                    return null;
                }

                if (packet is not null)
                {
                    break;
                }
            }

            return packet;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            throw new MqttCommunicationException(exception);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _stream.Dispose();
        }
    }

    /// <summary>Gives the receive buffers back; only when nobody reads any more.</summary>
    public void ReleaseReader() => _reader.Dispose();

    private static Socket CreateSocket(MqttClientTcpOptions tcp, EndPoint endPoint)
    {
        var family = tcp.AddressFamily != AddressFamily.Unspecified ? tcp.AddressFamily : endPoint.AddressFamily;
        var socket = family == AddressFamily.Unspecified
            ? new Socket(SocketType.Stream, tcp.ProtocolType)
            : new Socket(family, SocketType.Stream, tcp.ProtocolType);
        if (tcp.ProtocolType == ProtocolType.Tcp)
        {
            socket.NoDelay = tcp.NoDelay;
        }

        if (tcp.DualMode is { } dualMode)
        {
            socket.DualMode = dualMode;
        }

        if (tcp.LocalEndpoint is { } local)
        {
            socket.Bind(local);
        }

        return socket;
    }

    private async Task FlushAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            WireWriter batch;
            lock (_gate)
            {
                if (_pending.Length == 0)
                {
                    // Another sender's write has taken this packet along.
                    return;
                }

                batch = _pending;
                _pending = _spare;
                _spare = batch;
            }

            try
            {
                await _stream.WriteAsync(batch.Written).ConfigureAwait(false);
            }
            finally
            {
                batch.Release();
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            throw new MqttCommunicationException(exception);
        }
        finally
        {
            _writing.Release();
        }
    }
}
