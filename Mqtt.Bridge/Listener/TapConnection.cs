using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Connections;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>The packets of a connection. What breaks the protocol or the limits ends the connection; MQTT 5 is told why (DISCONNECT).</summary>
/// <remarks>
/// The MQTT server by itself would allocate whatever length a header names, announces no limits, keeps none of the client's and closes
/// without a word. A client that does not take its answers is not read from: answers wait in the server without a bound.
/// </remarks>
internal sealed partial class TapConnection(
    ConnectionContext connection,
    int maxPacketSize,
    MqttListenerOptions options,
    MessageIntake intake,
    PublishHandler publishes,
    BridgeMetrics metrics,
    TimeProvider time,
    ILogger logger
) : IMqttChannelAdapter
{
    /// <summary>Answers that a client may leave unread.</summary>
    private const int MaxUnreadAnswers = 256;

    private readonly PacketDecoder _decoder = new(
        new MqttPacketFormatterAdapter(new MqttBufferWriter(bufferSize: 128, maxBufferSize: maxPacketSize))
    );
    private readonly SemaphoreSlim _room = new(MaxUnreadAnswers);

    private MqttConnectPacket? _connect;
    private PacketSender? _sender;
    private PacketFlow? _flow;
    private PublishPipeline? _pipeline;
    private ConnectTerms? _terms;
    private MqttDisconnectPacket? _farewell;
    private bool _isConnected;
    private volatile bool _hasEnded;

    /// <summary>Who is at the other end; null until it is authorized.</summary>
    public TapClient? Client { get; set; }

    /// <summary>Whether the client asked for a session that outlives its connection.</summary>
    public bool WantsSession => _terms is { WantsSession: true };

    /// <inheritdoc />
    public long BytesReceived => _decoder.Bytes;

    /// <inheritdoc />
    public long BytesSent => _sender?.Bytes ?? 0;

    /// <inheritdoc />
    public X509Certificate2? ClientCertificate => null;

    /// <inheritdoc />
    public bool IsSecureConnection =>
        connection.Features.Get<ITlsHandshakeFeature>() is not null || connection.GetHttpContext()?.Request.IsHttps is true;

    /// <inheritdoc />
    public EndPoint? LocalEndPoint => connection.LocalEndPoint;

    /// <inheritdoc />
    public EndPoint? RemoteEndPoint => connection.RemoteEndPoint;

    /// <summary>The network address at the other end; null when it is not known.</summary>
    public IPAddress? RemoteAddress => ConnectionLimits.AddressOf(connection);

    /// <inheritdoc />
    public MqttPacketFormatterAdapter PacketFormatterAdapter => _decoder.Formatter;

    private bool IsVersion5 => PacketFormatterAdapter.ProtocolVersion is MqttProtocolVersion.V500;

    /// <inheritdoc />
    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        if (_farewell is not null && _isConnected && IsVersion5)
        {
            await _sender!.SayFarewellAsync(_farewell);
        }

        await connection.Transport.Input.CompleteAsync();
        await connection.Transport.Output.CompleteAsync();
    }

    /// <inheritdoc />
    public void ResetStatistics() => _decoder.Bytes = 0;

    /// <inheritdoc />
    public void Dispose()
    {
        _room.Dispose();
        _sender?.Dispose();
    }

    /// <inheritdoc />
    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        var packet = await ReceiveAsync(cancellationToken);
        await (_pipeline?.LetThroughAsync(packet, cancellationToken) ?? Task.CompletedTask);
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

                var (packet, isLast) = await ReadAsync(cancellationToken);
                if (packet is null && isLast)
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
                await intake.TakeAsync(Submission.Unread(client.Tap, client.ClientId, bytes, maxPacketSize), cancellationToken);
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

    /// <inheritdoc />
    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnAckPacket { ReasonCode: MqttConnectReasonCode.Success } answer)
        {
            _terms!.Announce(answer, maxPacketSize);
            // Nobody can tell MQTT 3.1.1 what is too large: such a message is read, acknowledged and set aside.
            _decoder.MaxBytes = maxPacketSize * (IsVersion5 ? 1 : 4);
            _isConnected = true;
        }

        if (packet is MqttDisconnectPacket farewell)
        {
            // The server may wait for this while nobody else can connect; a client that reads nothing would make that long.
            _farewell ??= farewell;
            return;
        }

        try
        {
            if (_flow!.Sending(packet))
            {
                await _sender!.SendAsync(packet, Client, cancellationToken);
            }
        }
        catch (TimeoutException ex)
        {
            // Half a packet may be out; nothing can follow it.
            LogBroken($"{RemoteEndPoint}", ex.Message);
            connection.Abort();
            throw new MqttCommunicationTimedOutException(ex);
        }
        finally
        {
            if (PacketFlow.IsAnswer(packet))
            {
                _room.Release();
            }

            if (packet is MqttPubAckPacket)
            {
                _pipeline!.AnsweredByServer();
            }
        }
    }

    /// <summary>Ends the connection; MQTT 5 is told why.</summary>
    /// <param name="reason">The reason code.</param>
    /// <param name="explanation">The reason in words, for the log.</param>
    /// <param name="connAck">What a client is told that is not connected yet, or null.</param>
    public async Task EndAsync(MqttDisconnectReasonCode reason, string explanation, byte[]? connAck = null)
    {
        _hasEnded = true;
        metrics.ConnectionEnded($"{reason}");
        LogEnded($"{RemoteEndPoint}", reason, explanation);
        _farewell ??= new MqttDisconnectPacket { ReasonCode = reason };
        if (_connect is null && connAck is not null)
        {
            await connection.Transport.Output.WriteAsync(connAck);
        }

        connection.Transport.Input.CancelPendingRead();
    }

    private async Task<(MqttPacket? Packet, bool IsLast)> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await connection.Transport.Input.ReadAsync(cancellationToken);
        var rest = read.Buffer;
        MqttPacket? packet = null;
        try
        {
            packet = _decoder.TryDecode(ref rest);
            return (packet, read.IsCompleted);
        }
        finally
        {
            connection.Transport.Input.AdvanceTo(rest.Start, packet is null ? rest.End : rest.Start);
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
            await _pipeline.BeginAsync(publish, Client!, cancellationToken);
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
        _pipeline = new PublishPipeline(publishes, _flow, _sender, options.MaxInFlight, time, NotAnswered);
        _terms = ConnectTerms.Agree(connect, IsVersion5, options);
    }

    [LoggerMessage(LogLevel.Debug, "Ended the connection of {RemoteEndPoint}: {Reason}. {Explanation}")]
    private partial void LogEnded(string remoteEndPoint, MqttDisconnectReasonCode reason, string explanation);

    [LoggerMessage(LogLevel.Debug, "The connection of {RemoteEndPoint} is broken: {Cause}")]
    private partial void LogBroken(string remoteEndPoint, string cause);
}
