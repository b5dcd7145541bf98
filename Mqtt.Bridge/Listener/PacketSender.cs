using System.Collections.Concurrent;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>Sends packets to a client: no larger ones, and no more at a time, than it takes.</summary>
/// <param name="connection">The connection.</param>
/// <param name="formatter">Makes the bytes of packets.</param>
/// <param name="connect">What the client wants.</param>
/// <param name="flow">What is unfinished between the client and the server.</param>
/// <param name="timeout">How long the client may take to take a packet.</param>
/// <param name="intake">Sets a command aside that the client cannot take.</param>
/// <param name="metrics">Counts what is dropped.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of it.</param>
internal sealed partial class PacketSender(
    ConnectionContext connection,
    MqttPacketFormatterAdapter formatter,
    MqttConnectPacket connect,
    PacketFlow flow,
    TimeSpan timeout,
    MessageIntake intake,
    BridgeMetrics metrics,
    TimeProvider time,
    ILogger logger
) : IDisposable
{
    private readonly PacketWriter _writer = new(connection.Transport.Output, formatter, connect, timeout, time);

    // Of messages that the client cannot take, for the server: as if it had acknowledged them (MQTT 5, section 3.1.2.11.4).
    // Made when there is the first: nearly no connection ever has one.
    private ConcurrentQueue<MqttPubAckPacket>? _dropped;

    /// <summary>Bytes that were sent.</summary>
    public long Bytes => _writer.Bytes;

    /// <summary>The acknowledgement of a message that was dropped; null when there is none.</summary>
    public MqttPubAckPacket? NextDropped() => Volatile.Read(ref _dropped)?.TryDequeue(out var dropped) is true ? dropped : null;

    /// <summary>Sends a packet, and those that were held back for one that is dropped.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="client">Who gets it; null when it is not authorized.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The client takes nothing.</exception>
    /// <exception cref="MqttCommunicationException">The connection is closed.</exception>
    public async Task SendAsync(MqttPacket packet, TapClient? client, CancellationToken cancellationToken)
    {
        for (var next = packet; next is not null; )
        {
            if (await _writer.WriteAsync([next], cancellationToken) is not { } bytes)
            {
                return;
            }

            var publish = next as MqttPublishPacket;
            next = publish?.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce ? flow.Acknowledged(publish.PacketIdentifier) : null;
            Drop(publish, bytes, client);
        }
    }

    /// <summary>Sends answers, which a client that takes any packets takes.</summary>
    /// <inheritdoc cref="SendAsync(MqttPacket, TapClient, CancellationToken)" path="/exception" />
    public async Task SendAsync(IReadOnlyList<MqttPacket> answers, CancellationToken cancellationToken)
    {
        if (await _writer.WriteAsync(answers, cancellationToken) is { } bytes)
        {
            Drop(publish: null, bytes, client: null);
        }
    }

    /// <summary>Tells a client of MQTT 5 why its connection ends, if it takes that soon.</summary>
    public async Task SayFarewellAsync(MqttDisconnectPacket farewell)
    {
        using var patience = new CancellationTokenSource(ConnectionLimits.CloseTimeout, time);
        try
        {
            await _writer.WriteAsync([farewell], patience.Token);
        }
        catch (Exception ex) when (ex is OperationCanceledException or TimeoutException or MqttCommunicationException or IOException)
        {
            LogNoFarewell($"{connection.RemoteEndPoint}", ex.Message);
            connection.Abort();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();

    /// <summary>A packet is larger than the client takes, and is dropped as the specification wants it.</summary>
    private void Drop(MqttPublishPacket? publish, int bytes, TapClient? client)
    {
        metrics.Undeliverable();
        LogTooLarge($"{connection.RemoteEndPoint}", bytes, connect.MaximumPacketSize);
        if (publish is not { QualityOfServiceLevel: > MqttQualityOfServiceLevel.AtMostOnce } || client is null)
        {
            return;
        }

        LazyInitializer.EnsureInitialized(ref _dropped).Enqueue(new MqttPubAckPacket { PacketIdentifier = publish.PacketIdentifier });
        connection.Transport.Input.CancelPendingRead();
        if (publish.Topic.EndsWith("/commands", StringComparison.Ordinal))
        {
            var reason = $"The command is a packet of {bytes} bytes; the tap takes {connect.MaximumPacketSize}.";
            intake.SetAside(Submission.Undeliverable(client.Tap, client.ClientId, publish.Payload, reason, time));
        }
    }

    [LoggerMessage(LogLevel.Debug, "{RemoteEndPoint} was not told why its connection ends: {Cause}")]
    private partial void LogNoFarewell(string remoteEndPoint, string cause);

    [LoggerMessage(LogLevel.Debug, "Dropped a packet of {Bytes} bytes for {RemoteEndPoint}, which takes {Limit}.")]
    private partial void LogTooLarge(string remoteEndPoint, int bytes, uint limit);
}
