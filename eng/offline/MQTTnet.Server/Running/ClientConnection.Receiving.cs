using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Running;

/// <content>What the client sends.</content>
internal sealed partial class ClientConnection
{
    private long _lastReceived;
    private long _packetsReceived;
    private long _publishesReceived;

    public long BytesReceived => _channel.BytesReceived;

    public long PacketsReceived => Volatile.Read(ref _packetsReceived);

    public long PublishesReceived => Volatile.Read(ref _publishesReceived);

    public DateTime ConnectedAt { get; } = TimeProvider.System.GetUtcNow().UtcDateTime;

    public DateTime LastReceivedAt => TimeProvider.System.GetUtcNow().UtcDateTime - TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastReceived));

    /// <summary>Whether one and a half keep-alive periods went by without a sign of life (MQTT-3.1.2-22).</summary>
    public bool IsSilentTooLong =>
        Connect is { KeepAlivePeriod: > 0 } connect && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastReceived)).TotalSeconds >= connect.KeepAlivePeriod * 1.5;

    private async Task ReceiveLoopAsync()
    {
        while (await _channel.ReceivePacketAsync(Closing).ConfigureAwait(false) is { } packet)
        {
            Received(packet);
            if (Closing.IsCancellationRequested || IsTakenOver || !await ProcessAsync(packet).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private void Received(MqttPacket packet)
    {
        Volatile.Write(ref _lastReceived, TimeProvider.System.GetTimestamp());
        Volatile.Write(ref _packetsReceived, _packetsReceived + 1);
        if (packet is MqttPublishPacket)
        {
            Volatile.Write(ref _publishesReceived, _publishesReceived + 1);
        }
    }

    /// <summary>Handles one packet. False ends the connection.</summary>
    private ValueTask<bool> ProcessAsync(MqttPacket packet) =>
        _core.Events.InterceptingInboundPacket.HasHandlers ? InterceptAsync(packet) : HandleAsync(packet);

    private async ValueTask<bool> InterceptAsync(MqttPacket packet)
    {
        var args = new InterceptingPacketEventArgs(ClientId, Connect!.Username, RemoteEndPoint, packet, _session!.Items, Closing);
        await _core.Events.InterceptingInboundPacket.InvokeAsync(args).ConfigureAwait(false);
        return !args.ProcessPacket || args.Packet is null || await HandleAsync(args.Packet).ConfigureAwait(false);
    }

    private ValueTask<bool> HandleAsync(MqttPacket packet)
    {
        switch (packet)
        {
            case MqttPublishPacket publish:
                return PublishAsync(publish);
            case MqttPubAckPacket pubAck:
                return AcknowledgedAsync(pubAck);
            case MqttPubRecPacket pubRec:
                HandlePubRec(pubRec);
                return ValueTask.FromResult(true);
            case MqttPubRelPacket pubRel:
                Enqueue(new MqttPubCompPacket { PacketIdentifier = pubRel.PacketIdentifier });
                return ValueTask.FromResult(true);
            case MqttPubCompPacket pubComp:
                return AcknowledgedAsync(pubComp);
            case MqttPingReqPacket:
                Enqueue(MqttPingRespPacket.Instance);
                return ValueTask.FromResult(true);
            case MqttSubscribePacket subscribe:
                return SubscribeAsync(subscribe);
            case MqttUnsubscribePacket unsubscribe:
                return UnsubscribeAsync(unsubscribe);
            case MqttDisconnectPacket disconnect:
                HandleDisconnect(disconnect);
                return ValueTask.FromResult(false);
            default:
                throw MqttPacketRefusedException.Protocol($"A client must not send {packet.GetType().Name} here.");
        }
    }

    private ValueTask<bool> PublishAsync(MqttPublishPacket packet)
    {
        if (packet.SubscriptionIdentifiers is not null)
        {
            throw MqttPacketRefusedException.Protocol("A client must not send a subscription identifier with a publish.");
        }

        ResolveAlias(packet);
        var dispatch = _core.DispatchAsync(ClientId, Connect!.Username, _session!.Items, packet.ToMessage(), Closing);
        return dispatch.IsCompletedSuccessfully ? Published(packet, dispatch.Result) : AwaitDispatchAsync(packet, dispatch);
    }

    private async ValueTask<bool> AwaitDispatchAsync(MqttPublishPacket packet, ValueTask<DispatchResult> dispatch) =>
        await Published(packet, await dispatch.ConfigureAwait(false)).ConfigureAwait(false);

    private ValueTask<bool> Published(MqttPublishPacket packet, DispatchResult result)
    {
        if (result.CloseConnection)
        {
            return CloseAsync();
        }

        if (packet.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce)
        {
            Enqueue(new MqttPubAckPacket
            {
                PacketIdentifier = packet.PacketIdentifier,
                ReasonCode = result.ReasonCode,
                ReasonString = result.ReasonString,
                UserProperties = result.UserProperties,
            });
        }
        else if (packet.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce)
        {
            Enqueue(new MqttPubRecPacket
            {
                PacketIdentifier = packet.PacketIdentifier,
                ReasonCode = (MqttPubRecReasonCode)result.ReasonCode,
                ReasonString = result.ReasonString,
                UserProperties = result.UserProperties,
            });
        }

        return ValueTask.FromResult(true);
    }

    private async ValueTask<bool> CloseAsync()
    {
        await GoodbyeAsync(new MqttDisconnectPacket { ReasonCode = MqttDisconnectReasonCode.UnspecifiedError }).ConfigureAwait(false);
        return false;
    }

    private void ResolveAlias(MqttPublishPacket packet)
    {
        if (packet.TopicAlias == 0)
        {
            return;
        }

        if (packet.Topic.Length > 0)
        {
            (_topicAliases ??= [])[packet.TopicAlias] = packet.Topic;
        }
        else if (_topicAliases is not null && _topicAliases.TryGetValue(packet.TopicAlias, out var topic))
        {
            packet.Topic = topic;
        }

        packet.TopicAlias = 0;
    }

    private async ValueTask<bool> AcknowledgedAsync(MqttPacketWithIdentifier packet)
    {
        if (_session!.Complete(packet.PacketIdentifier) is { } publish && _core.Events.ClientAcknowledgedPublishPacket.HasHandlers)
        {
            var args = new ClientAcknowledgedPublishPacketEventArgs(ClientId, Connect!.Username, _session.Items, publish, packet);
            await _core.TryInvokeAsync(_core.Events.ClientAcknowledgedPublishPacket, args).ConfigureAwait(false);
        }

        return true;
    }

    private void HandlePubRec(MqttPubRecPacket packet)
    {
        var known = (int)packet.ReasonCode < 0x80 && _session!.Release(packet.PacketIdentifier);
        Enqueue(new MqttPubRelPacket
        {
            PacketIdentifier = packet.PacketIdentifier,
            ReasonCode = known ? MqttPubRelReasonCode.Success : MqttPubRelReasonCode.PacketIdentifierNotFound,
        });
    }

    private void HandleDisconnect(MqttDisconnectPacket packet)
    {
        // MQTT-3.14.2-2: a session that was to end with the connection cannot be prolonged at its end.
        if (packet.HasSessionExpiryInterval && packet.SessionExpiryInterval > 0 && Connect!.SessionExpiryInterval == 0)
        {
            throw MqttPacketRefusedException.Protocol("DISCONNECT has a session expiry interval, CONNECT had none.");
        }

        Disconnect = packet;
        if (packet.HasSessionExpiryInterval)
        {
            _session!.ExpiryInterval = packet.SessionExpiryInterval;
        }
    }
}
