using System.Net;
using System.Security.Cryptography.X509Certificates;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Listener;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Connections;

/// <summary>The packets of a connection. What breaks the protocol or the limits ends the connection; MQTT 5 is told why (DISCONNECT).</summary>
/// <remarks>
/// The MQTT server announces no limits and closes without a word. A client that does not take its answers is not read from: answers
/// wait in the server without a bound.
/// </remarks>
internal sealed partial class TapConnection(
    TapChannel channel,
    IMqttChannelAdapter packets,
    MqttListenerOptions options,
    BridgeMetrics metrics,
    Func<MqttConnectPacket, long, CancellationToken, Task> setAside,
    TimeProvider time,
    ILogger logger
) : IMqttChannelAdapter
{
    /// <summary>Answers that a client may leave unread.</summary>
    private const int MaxUnreadAnswers = 256;

    private readonly SemaphoreSlim _room = new(MaxUnreadAnswers);
    private readonly PacketRules _rules = new(options);
    private MqttConnectPacket? _connect;
    private bool _isAdmitted;

    /// <inheritdoc />
    public long BytesReceived => packets.BytesReceived;

    /// <inheritdoc />
    public long BytesSent => packets.BytesSent;

    /// <inheritdoc />
    public X509Certificate2? ClientCertificate => channel.ClientCertificate;

    /// <inheritdoc />
    public bool IsSecureConnection => channel.IsSecureConnection;

    /// <inheritdoc />
    public EndPoint? LocalEndPoint => channel.LocalEndPoint;

    /// <inheritdoc />
    public EndPoint? RemoteEndPoint => channel.RemoteEndPoint;

    /// <inheritdoc />
    public MqttPacketFormatterAdapter PacketFormatterAdapter => packets.PacketFormatterAdapter;

    private bool IsVersion5 => PacketFormatterAdapter.ProtocolVersion is MqttProtocolVersion.V500;

    /// <inheritdoc />
    public Task ConnectAsync(CancellationToken cancellationToken) => packets.ConnectAsync(cancellationToken);

    /// <inheritdoc />
    public Task DisconnectAsync(CancellationToken cancellationToken) => packets.DisconnectAsync(cancellationToken);

    /// <inheritdoc />
    public void ResetStatistics() => packets.ResetStatistics();

    /// <inheritdoc />
    public void Dispose() => packets.Dispose();

    /// <inheritdoc />
    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        MqttPacket? packet;
        try
        {
            packet = await packets.ReceivePacketAsync(cancellationToken);
        }
        catch (Exception ex) when (ex is not (OperationCanceledException or ObjectDisposedException))
        {
            // The channel reports no broken connection, so these bytes are no packet.
            return await EndAsync(MqttDisconnectReasonCode.MalformedPacket, ex.Message);
        }

        if (packet is null)
        {
            return channel.TooLarge is { } bytes ? await RefuseAsync(bytes, cancellationToken) : null;
        }

        if (_rules.Judge(packet, IsVersion5) is { } reason)
        {
            return await EndAsync(reason, $"A client must not send this {packet.GetType().Name}.");
        }

        if (PacketRules.IsAnswered(packet) && !await _room.WaitAsync(options.CommunicationTimeout, cancellationToken))
        {
            return await EndAsync(MqttDisconnectReasonCode.QuotaExceeded, "The client does not take its answers.");
        }

        _connect ??= packet as MqttConnectPacket;
        return packet;
    }

    /// <inheritdoc />
    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnAckPacket { ReasonCode: MqttConnectReasonCode.Success } answer)
        {
            _rules.Announce(answer);
            // Before MQTT 5 nobody can be told what is too large: such a message is read, acknowledged and set aside.
            channel.MaxPacketBytes = options.MaxPacketSize * (IsVersion5 ? 1 : 4);
            _isAdmitted = true;
        }

        if (!_rules.MaySend(packet))
        {
            throw Drop(new TimeoutException("The client does not acknowledge what it gets."));
        }

        if (PacketRules.IsAnswer(packet))
        {
            _room.Release();
        }

        try
        {
            await packets.SendPacketAsync(packet, cancellationToken).WaitAsync(options.CommunicationTimeout, time, cancellationToken);
        }
        catch (TimeoutException ex)
        {
            // Half a packet may be out; nothing can follow it.
            throw Drop(ex);
        }
    }

    private MqttCommunicationTimedOutException Drop(TimeoutException cause)
    {
        LogDropped($"{RemoteEndPoint}", cause.Message);
        channel.Dispose();
        return new MqttCommunicationTimedOutException(cause);
    }

    private async Task<MqttPacket?> RefuseAsync(long bytes, CancellationToken cancellationToken)
    {
        if (_isAdmitted)
        {
            await setAside(_connect!, bytes, cancellationToken);
        }

        return await EndAsync(MqttDisconnectReasonCode.PacketTooLarge, $"A packet of {bytes} bytes is too large.");
    }

    private async Task<MqttPacket?> EndAsync(MqttDisconnectReasonCode reason, string explanation)
    {
        metrics.ConnectionEnded(reason.ToString());
        LogEnded($"{RemoteEndPoint}", reason, explanation);
        if (_isAdmitted && IsVersion5)
        {
            try
            {
                await SendPacketAsync(new MqttDisconnectPacket { ReasonCode = reason }, CancellationToken.None);
            }
            catch (Exception ex) when (ex is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
            {
                LogDropped($"{RemoteEndPoint}", ex.Message);
            }
        }

        return null;
    }

    [LoggerMessage(LogLevel.Debug, "Ended the connection of {RemoteEndPoint}: {Reason}. {Explanation}")]
    private partial void LogEnded(string remoteEndPoint, MqttDisconnectReasonCode reason, string explanation);

    [LoggerMessage(LogLevel.Debug, "Closed the connection of {RemoteEndPoint}, which takes nothing: {Cause}")]
    private partial void LogDropped(string remoteEndPoint, string cause);
}
