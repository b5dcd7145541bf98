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
    RateLimit rate,
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

    // A timestamp; 0 before.
    private long _endedAt;

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

    /// <summary>Ends the connection; MQTT 5 is told why. Asked for again a second later, it is broken off.</summary>
    /// <param name="reason">The reason code.</param>
    /// <param name="explanation">The reason in words, for the log.</param>
    /// <param name="connAck">What a client is told that is not connected yet, or null.</param>
    public async Task EndAsync(MqttDisconnectReasonCode reason, string explanation, byte[]? connAck = null)
    {
        var now = time.GetTimestamp();
        if (Interlocked.CompareExchange(ref _endedAt, now, 0) is not 0 and var before)
        {
            if (time.GetElapsedTime(before, now) > ConnectionLimits.CloseTimeout)
            {
                // It is held up, perhaps by a message that Redis does not take.
                connection.Abort();
            }

            return;
        }

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

    [LoggerMessage(LogLevel.Debug, "Ended the connection of {RemoteEndPoint}: {Reason}. {Explanation}")]
    private partial void LogEnded(string remoteEndPoint, MqttDisconnectReasonCode reason, string explanation);

    [LoggerMessage(LogLevel.Debug, "The connection of {RemoteEndPoint} is broken: {Cause}")]
    private partial void LogBroken(string remoteEndPoint, string cause);
}
