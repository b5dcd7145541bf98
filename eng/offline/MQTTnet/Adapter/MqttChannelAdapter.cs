using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Wire;

namespace MQTTnet.Adapter;

/// <summary>Packets over a channel of bytes. Like the real one it believes any length that a packet announces.</summary>
public sealed class MqttChannelAdapter : IMqttChannelAdapter
{
    private const int ReadSize = 4096;

    private readonly IMqttChannel _channel;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly WireWriter _out = new();
    private readonly byte[] _header = new byte[2];
    private long _bytesReceived;
    private long _bytesSent;

    public MqttChannelAdapter(IMqttChannel channel, MqttPacketFormatterAdapter packetFormatterAdapter, IMqttNetLogger logger)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(packetFormatterAdapter);
        ArgumentNullException.ThrowIfNull(logger);
        _channel = channel;
        PacketFormatterAdapter = packetFormatterAdapter;
    }

    /// <summary>Kept for source compatibility; the stand-in writes a packet at once.</summary>
    public bool AllowPacketFragmentation { get; set; } = true;

    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public X509Certificate2? ClientCertificate => _channel.ClientCertificate;

    public bool IsSecureConnection => _channel.IsSecureConnection;

    public EndPoint? LocalEndPoint => _channel.LocalEndPoint;

    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; }

    public EndPoint? RemoteEndPoint => _channel.RemoteEndPoint;

    public Task ConnectAsync(CancellationToken cancellationToken) => _channel.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => _channel.DisconnectAsync(cancellationToken);

    public void Dispose() => _channel.Dispose();

    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await ReadHeaderAsync(cancellationToken).ConfigureAwait(false) is { } length
                && await ReadBodyAsync(length, cancellationToken).ConfigureAwait(false) is { } body
                ? Decode(new ReadOnlySequence<byte>(body))
                : null;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
        catch (Exception exception) when (exception is not (MqttCommunicationException or MqttProtocolViolationException))
        {
            throw new MqttCommunicationException(exception);
        }
    }

    public void ResetStatistics()
    {
        Interlocked.Exchange(ref _bytesReceived, 0);
        Interlocked.Exchange(ref _bytesSent, 0);
    }

    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PacketEncoder.Encode(_out, packet, PacketFormatterAdapter.ProtocolVersion);
            await _channel.WriteAsync(new ReadOnlySequence<byte>(_out.Written), true, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _bytesSent, _out.Length);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new MqttCommunicationException(exception);
        }
        finally
        {
            _out.Release();
            _writing.Release();
        }
    }

    private async Task<int?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await FillAsync(_header, cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            var length = _header[1] & 0x7F;
            var next = new byte[1];
            for (int last = _header[1], shift = 7; (last & 0x80) != 0; shift += 7)
            {
                if (shift > 21)
                {
                    throw MqttPacketRefusedException.Malformed("The remaining length is longer than four bytes.");
                }

                if (!await FillAsync(next, cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }

                last = next[0];
                length |= (last & 0x7F) << shift;
            }

            return length;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task<byte[]?> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        var body = new byte[length];
        if (!await FillAsync(body, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        Interlocked.Add(ref _bytesReceived, 2 + length);
        return body;
    }

    private async Task<bool> FillAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        for (var filled = 0; filled < buffer.Length;)
        {
            var read = await _channel.ReadAsync(buffer, filled, Math.Min(ReadSize, buffer.Length - filled), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            filled += read;
        }

        return true;
    }

    private MqttPacket Decode(ReadOnlySequence<byte> body)
    {
        if (PacketFormatterAdapter.ProtocolVersion != MqttProtocolVersion.Unknown)
        {
            return PacketDecoder.Decode(_header[0], body, PacketFormatterAdapter.ProtocolVersion);
        }

        // The first packet tells the version, whatever its type claims to be.
        var connect = (MqttConnectPacket)PacketDecoder.Decode(0x10, body, MqttProtocolVersion.Unknown);
        if (connect.ProtocolVersion == MqttProtocolVersion.Unknown)
        {
            throw new MqttProtocolViolationException($"The protocol level {connect.ProtocolLevel} is not supported.");
        }

        PacketFormatterAdapter.ProtocolVersion = connect.ProtocolVersion;
        return _header[0] >> 4 == 1 ? connect : PacketDecoder.Decode(_header[0], body, connect.ProtocolVersion);
    }
}
