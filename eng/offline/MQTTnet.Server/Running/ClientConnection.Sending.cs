using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet.Server.Running;

/// <content>What the server sends.</content>
internal sealed partial class ClientConnection
{
    private readonly Lock _controlGate = new();
    private readonly Queue<MqttPacket> _control = new();
    private readonly SemaphoreSlim _wake = new(0);
    private int _awake;
    private long _lastSent;
    private long _packetsSent;
    private long _publishesSent;

    public long BytesSent => _channel.BytesSent;

    public long PacketsSent => Volatile.Read(ref _packetsSent);

    public long PublishesSent => Volatile.Read(ref _publishesSent);

    public DateTime LastSentAt => TimeProvider.System.GetUtcNow().UtcDateTime - TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastSent));

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

        Wake();
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
        catch (Exception exception) when (exception is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
        {
            await EndAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _core.Log.Error(exception, "Client '{0}': sending failed.", ClientId);
            await EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends everything that may be sent now.</summary>
    private async ValueTask FlushAsync()
    {
        while (Next() is { } packet)
        {
            await SendAsync(packet, Closing).ConfigureAwait(false);
        }
    }

    /// <summary>Sends DISCONNECT to an MQTT 5.0 client that is connected.</summary>
    private async Task GoodbyeAsync(MqttDisconnectPacket packet)
    {
        if (_saidGoodbye || _session is null || Version != MqttProtocolVersion.V500)
        {
            return;
        }

        _saidGoodbye = true;
        using var timeout = new CancellationTokenSource(_core.Options.DefaultCommunicationTimeout);
        try
        {
            await SendAsync(packet, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
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

    private async ValueTask SendAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (_core.Events.InterceptingOutboundPacket.HasHandlers && _session is not null)
        {
            var args = new InterceptingPacketEventArgs(ClientId, Connect!.Username, RemoteEndPoint, packet, _session.Items, cancellationToken);
            await _core.Events.InterceptingOutboundPacket.InvokeAsync(args).ConfigureAwait(false);
            if (!args.ProcessPacket || args.Packet is null)
            {
                return;
            }

            packet = args.Packet;
        }

        await _channel.SendPacketAsync(packet, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _lastSent, TimeProvider.System.GetTimestamp());
        Interlocked.Increment(ref _packetsSent);
        if (packet is MqttPublishPacket)
        {
            Interlocked.Increment(ref _publishesSent);
        }
    }
}
