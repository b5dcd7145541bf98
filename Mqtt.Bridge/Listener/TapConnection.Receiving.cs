using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <content>What comes from the client.</content>
internal sealed partial class TapConnection
{
    /// <inheritdoc />
    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        var packet = await ReceiveAsync(cancellationToken);
        if (_pipeline is not null)
        {
            // Whoever has to go is not kept by what Redis does not take.
            var patience = _farewell is null ? Timeout.InfiniteTimeSpan : ConnectionLimits.CloseTimeout;
            await _pipeline.LetThroughAsync(packet, patience, cancellationToken);
        }

        return packet;
    }

    private async Task<MqttPacket?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!_hasEnded)
            {
                if (_sender?.NextDropped() is { } dropped)
                {
                    return dropped;
                }

                var read = await ReadAsync(cancellationToken);
                var packet = Decode(read.Buffer);
                if (packet is null && read.IsCompleted)
                {
                    return null;
                }

                if (packet is not null && await ReceivedAsync(packet, cancellationToken))
                {
                    return packet;
                }
            }
        }
        catch (PacketException ex)
        {
            if (ex.TooLargeBytes is { } bytes && Client is { IsReader: false } client)
            {
                intake.SetAside(Submission.Unread(client.Tap, client.ClientId, bytes, maxPacketSize, time));
            }

            await EndAsync(ex.Reason, ex.Message, ex.ConnAck);
        }
        catch (MqttProtocolViolationException ex)
        {
            await EndAsync(MqttDisconnectReasonCode.MalformedPacket, ex.Message);
        }
        catch (Exception ex) when (ex is IOException or TimeoutException or MqttCommunicationException or InvalidOperationException)
        {
            // However a connection breaks, it is at its end.
            LogBroken($"{RemoteEndPoint}", ex.Message);
            connection.Abort();
        }

        return null;
    }

    private ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        var reading = connection.Transport.Input.ReadAsync(cancellationToken);
        if (!reading.IsCompleted)
        {
            // What came together is taken together.
            _pipeline?.TakeWaiting(cancellationToken);
        }

        return reading;
    }

    private MqttPacket? Decode(ReadOnlySequence<byte> bytes)
    {
        MqttPacket? packet = null;
        try
        {
            return packet = _decoder.TryDecode(ref bytes);
        }
        finally
        {
            connection.Transport.Input.AdvanceTo(bytes.Start, packet is null ? bytes.End : bytes.Start);
        }
    }

    /// <returns>Whether the server has to see the packet.</returns>
    private async Task<bool> ReceivedAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (_connect is null)
        {
            Accept((MqttConnectPacket)packet);
            return true;
        }

        if (Client is { WantsSession: true } client)
        {
            await NoteExchangeAsync(client, packet, cancellationToken);
        }

        if (_flow!.Received(packet) is { } answer)
        {
            await _sender!.SendAsync(answer, Client, cancellationToken);
            return false;
        }

        if (packet is MqttSubscribePacket && Client is { } subscriber)
        {
            subscriber.SubscribeReceivedAt = Stopwatch.GetTimestamp();
        }

        if (packet is MqttPublishPacket publish && Client is { IsReader: false } && _pipeline!.IsFor(publish))
        {
            await _pipeline.AddAsync(publish, Client!, cancellationToken);
            return false;
        }

        switch (packet)
        {
            case MqttPubAckPacket
            or MqttPubCompPacket
            or MqttPubRecPacket { ReasonCode: >= MqttPubRecReasonCode.UnspecifiedError }
                when _flow.Acknowledged(((MqttPacketWithIdentifier)packet).PacketIdentifier) is { } next:
                await _sender!.SendAsync(next, Client, cancellationToken);
                break;
            case MqttDisconnectPacket { ReasonCode: not MqttDisconnectReasonCode.NormalDisconnection } when IsVersion5:
                // To the server an end without a DISCONNECT: only one with 0x00 takes the will back (MQTT 5, section 3.14.4).
                _hasEnded = true;
                return false;
        }

        if (PacketFlow.IsAnswered(packet) && !await _room.WaitAsync(options.CommunicationTimeout, cancellationToken))
        {
            metrics.ConnectionEnded($"{MqttDisconnectReasonCode.QuotaExceeded}");
            throw new TimeoutException("The client does not take its answers.");
        }

        return true;
    }

    /// <summary>Of QoS 2: which message the next one is, and that one is finished.</summary>
    private async Task NoteExchangeAsync(TapClient client, MqttPacket packet, CancellationToken cancellationToken)
    {
        switch (packet)
        {
            case MqttPublishPacket publish:
                client.PacketId = publish.PacketIdentifier;
                break;
            case MqttPubRelPacket release:
                await intake.ReleasedAsync(client.Tap, client.ClientId, release.PacketIdentifier, cancellationToken);
                break;
        }
    }

    private void Accept(MqttConnectPacket connect)
    {
        _connect = connect;
        _flow = new PacketFlow(connect, IsVersion5, options.MaxInFlight, options.MaxPendingMessages);
        var timeout = options.CommunicationTimeout;
        _sender = new PacketSender(connection, PacketFormatterAdapter, connect, _flow, timeout, intake, metrics, time, logger);
        _pipeline = new PublishPipeline(rate, intake, _flow, _sender, options.MaxInFlight, time, NotAnswered);
        _terms = ConnectTerms.Agree(connect, IsVersion5, options);
    }

    private void NotAnswered(Exception cause)
    {
        // What is not acknowledged the client sends again, over its next connection.
        LogBroken($"{RemoteEndPoint}", cause.Message);
        _hasEnded = true;
        connection.Transport.Input.CancelPendingRead();
        if (cause is TimeoutException)
        {
            // Half a packet may be out; nothing can follow it.
            connection.Abort();
        }
    }
}
