using System.Net.Sockets;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Wire;

namespace MQTTnet.Server.Running;

/// <content>What the server sends.</content>
internal sealed partial class ClientConnection
{
    private const int WriteSize = 32 * 1024;

    private readonly Lock _controlGate = new();
    private readonly Queue<MqttPacket> _control = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly WireWriter _out = new();
    private int _awake;
    private long _lastSent;
    private long _bytesSent;
    private long _packetsSent;
    private long _publishesSent;

    public long BytesSent => Volatile.Read(ref _bytesSent);

    public long PacketsSent => Volatile.Read(ref _packetsSent);

    public long PublishesSent => Volatile.Read(ref _publishesSent);

    public DateTime LastSentAt => TimeProvider.System.GetUtcNow().UtcDateTime - TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastSent));

    private int ControlCount
    {
        get
        {
            lock (_controlGate)
            {
                return _control.Count;
            }
        }
    }

    /// <summary>Lets the send loop look for packets.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _awake, 1) == 0)
        {
            _wake.Release();
        }
    }

    private void Enqueue(MqttPacket packet)
    {
        lock (_controlGate)
        {
            _control.Enqueue(packet);
        }
    }

    private void Enqueue(IEnumerable<MqttPacket> packets)
    {
        lock (_controlGate)
        {
            foreach (var packet in packets)
            {
                _control.Enqueue(packet);
            }
        }
    }

    /// <summary>Sends what other connections and the host have queued for this client.</summary>
    private async Task SendLoopAsync()
    {
        try
        {
            // What a resumed session has waiting.
            await FlushAsync().ConfigureAwait(false);
            while (true)
            {
                await _wake.WaitAsync(Closing).ConfigureAwait(false);
                Volatile.Write(ref _awake, 0);
                await FlushAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await EndAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _core.Log.Error(exception, "Client '{0}': sending failed.", ClientId);
            await EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Writes everything that may be sent now. Waits while another caller writes, and while the client does not read.</summary>
    private async ValueTask FlushAsync()
    {
        await _writing.WaitAsync(Closing).ConfigureAwait(false);
        try
        {
            while (Next() is { } packet)
            {
                await EncodeAsync(packet).ConfigureAwait(false);
                if (_out.Length >= WriteSize)
                {
                    await WriteOutAsync(Closing).ConfigureAwait(false);
                }
            }

            await WriteOutAsync(Closing).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task SendNowAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Acknowledgements of the same batch come before a goodbye.
            while (TryTakeControl(out var earlier))
            {
                await EncodeAsync(earlier!).ConfigureAwait(false);
            }

            await EncodeAsync(packet).ConfigureAwait(false);
            await WriteOutAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends DISCONNECT to an MQTT 5.0 client that is connected; gives up soon.</summary>
    private async Task GoodbyeAsync(MqttDisconnectPacket packet)
    {
        if (_saidGoodbye || _session is null || Version != MqttProtocolVersion.V500)
        {
            return;
        }

        _saidGoodbye = true;
        using var timeout = new CancellationTokenSource(GoodbyeTimeout);
        try
        {
            await SendNowAsync(packet, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _core.Log.Info("Client '{0}' could not be told why it is disconnected: {1}", ClientId, exception.Message);
        }
    }

    private MqttPacket? Next()
    {
        if (TryTakeControl(out var packet))
        {
            return packet;
        }

        return _session?.Dequeue(this, Connect!.ReceiveMaximum == 0 ? ushort.MaxValue : Connect.ReceiveMaximum);
    }

    private bool TryTakeControl(out MqttPacket? packet)
    {
        lock (_controlGate)
        {
            return _control.TryDequeue(out packet);
        }
    }

    private async ValueTask EncodeAsync(MqttPacket packet)
    {
        if (_core.Events.InterceptingOutboundPacket.HasHandlers && _session is not null)
        {
            var args = new InterceptingPacketEventArgs(ClientId, Connect!.Username, RemoteEndPoint, packet, _session.Items, Closing);
            await _core.Events.InterceptingOutboundPacket.InvokeAsync(args).ConfigureAwait(false);
            if (!args.ProcessPacket || args.Packet is null)
            {
                return;
            }

            packet = args.Packet;
        }

        if (Connect is { RequestProblemInformation: false })
        {
            Shorten(packet);
        }

        var before = _out.Length;
        var version = Version;
        if (version == MqttProtocolVersion.Unknown)
        {
            version = Connect?.ProtocolLevel > 5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311;
        }

        PacketEncoder.Encode(_out, packet, version);
        if (Connect is { MaximumPacketSize: > 0 } connect && _out.Length - before > connect.MaximumPacketSize && !TryShrink(packet, before, version, connect.MaximumPacketSize))
        {
            return;
        }

        _packetsSent++;
        if (packet is MqttPublishPacket)
        {
            _publishesSent++;
        }
    }

    /// <summary>MQTT-3.1.2-24 and -25: a message that is too large for the client is dropped as if sent, another packet loses its explanation.</summary>
    private bool TryShrink(MqttPacket packet, int before, MqttProtocolVersion version, uint maximumPacketSize)
    {
        _out.Truncate(before);
        if (packet is MqttPublishPacket publish)
        {
            _session?.Complete(publish.PacketIdentifier);
            return false;
        }

        Shorten(packet);
        PacketEncoder.Encode(_out, packet, version);
        if (_out.Length - before <= maximumPacketSize)
        {
            return true;
        }

        _out.Truncate(before);
        return false;
    }

    private static void Shorten(MqttPacket packet)
    {
        switch (packet)
        {
            case MqttPubAckPacket p:
                (p.ReasonString, p.UserProperties) = (null, null);
                break;
            case MqttPubRecPacket p:
                (p.ReasonString, p.UserProperties) = (null, null);
                break;
            case MqttSubAckPacket p:
                (p.ReasonString, p.UserProperties) = (null, null);
                break;
            case MqttUnsubAckPacket p:
                (p.ReasonString, p.UserProperties) = (null, null);
                break;
        }
    }

    private async ValueTask WriteOutAsync(CancellationToken cancellationToken)
    {
        if (_out.Length == 0)
        {
            return;
        }

        try
        {
            await _stream.WriteAsync(_out.Written, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _bytesSent, _bytesSent + _out.Length);
            Volatile.Write(ref _lastSent, TimeProvider.System.GetTimestamp());
        }
        finally
        {
            _out.Release();
        }
    }
}
