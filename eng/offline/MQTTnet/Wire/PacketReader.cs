using System.Buffers;
using System.IO.Pipelines;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet.Wire;

/// <summary>Reads packets from a stream. While nothing arrives it holds no buffer.</summary>
internal sealed class PacketReader(Stream stream, int maximumPacketSize) : IDisposable
{
    private readonly PipeReader _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 8192, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true));
    private ReadOnlySequence<byte> _buffer;
    private bool _holdsBuffer;
    private long _bytes;

    /// <summary>Bytes of all packets read so far.</summary>
    public long BytesReceived => Volatile.Read(ref _bytes);

    /// <summary>The first byte that was not read yet, when there is one.</summary>
    public bool TryPeek(out byte header)
    {
        header = _buffer.IsEmpty ? (byte)0 : _buffer.FirstSpan[0];
        return !_buffer.IsEmpty;
    }

    /// <summary>Takes the next packet out of what has arrived.</summary>
    public bool TryRead(MqttProtocolVersion version, out MqttPacket? packet)
    {
        var before = _buffer.Length;
        if (!Frame.TryRead(ref _buffer, maximumPacketSize, out var header, out var body))
        {
            packet = null;
            return false;
        }

        Volatile.Write(ref _bytes, _bytes + before - _buffer.Length);
        packet = PacketDecoder.Decode(header, body, version);
        return true;
    }

    /// <summary>Waits for more bytes. Returns false at the end of the stream.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_holdsBuffer)
        {
            _pipe.AdvanceTo(_buffer.Start, _buffer.End);
            _holdsBuffer = false;
            _buffer = default;
        }

        var result = await _pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
        _buffer = result.Buffer;
        _holdsBuffer = true;
        return !result.IsCompleted && !result.IsCanceled;
    }

    /// <summary>Gives the buffers back; the stream stays open.</summary>
    public void Dispose()
    {
        _buffer = default;
        _pipe.Complete();
    }
}
