using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <content>The loops of a connection, and its end.</content>
public sealed partial class MqttClient
{
    // A handler that disconnects must not wait for itself.
    private readonly AsyncLocal<bool> _insideLoop = new();

    private void Start(ClientRun run, MqttClientConnectResult result)
    {
        run.Handling = Task.Run(() => HandleMessagesAsync(run));
        run.Receiving = Task.Run(() => ReceiveAsync(run));
        var period = result.ServerKeepAlive > 0 ? TimeSpan.FromSeconds(result.ServerKeepAlive) : run.Options.KeepAlivePeriod;
        if (period > TimeSpan.Zero)
        {
            run.KeepingAlive = Task.Run(() => KeepAliveAsync(run, period));
        }
    }

    private async Task ReceiveAsync(ClientRun run)
    {
        _insideLoop.Value = true;
        Exception? failure = null;
        try
        {
            while (await run.Link!.ReadAsync(run.Stopping).ConfigureAwait(false) is { } packet)
            {
                if (packet is MqttDisconnectPacket disconnect)
                {
                    run.UnexpectedDisconnect = disconnect;
                    run.DisconnectReason = (MqttClientDisconnectReason)disconnect.ReasonCode;
                    run.Answers.Close(new MqttClientUnexpectedDisconnectReceivedException(disconnect));
                    break;
                }

                await ProcessAsync(run, packet).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
            if (!run.Stopping.IsCancellationRequested)
            {
                _log.Warning(exception, "Receiving failed.");
            }
        }

        run.Link!.ReleaseReader();
        if (!run.CleanDisconnect)
        {
            await EndAsync(run, failure is OperationCanceledException ? null : failure, null).ConfigureAwait(false);
        }
    }

    private static async ValueTask ProcessAsync(ClientRun run, MqttPacket packet)
    {
        switch (packet)
        {
            case MqttPublishPacket publish:
                run.Messages.Writer.TryWrite(publish);
                break;
            case MqttPubAckPacket p:
                run.Answers.TryComplete(MqttControlPacketType.PubAck, p.PacketIdentifier, p);
                break;
            case MqttPubRecPacket p when !run.Answers.TryComplete(MqttControlPacketType.PubRec, p.PacketIdentifier, p):
                // From a session before this client's time: nobody waits, but the flow has to end.
                await run.Link!.SendAsync(
                    new MqttPubRelPacket { PacketIdentifier = p.PacketIdentifier, ReasonCode = MqttPubRelReasonCode.PacketIdentifierNotFound }, run.Stopping).ConfigureAwait(false);
                break;
            case MqttPubRecPacket:
                break;
            case MqttPubRelPacket p:
                await run.Link!.SendAsync(new MqttPubCompPacket { PacketIdentifier = p.PacketIdentifier }, run.Stopping).ConfigureAwait(false);
                break;
            case MqttPubCompPacket p:
                run.Answers.TryComplete(MqttControlPacketType.PubComp, p.PacketIdentifier, p);
                break;
            case MqttSubAckPacket p:
                run.Answers.TryComplete(MqttControlPacketType.SubAck, p.PacketIdentifier, p);
                break;
            case MqttUnsubAckPacket p:
                run.Answers.TryComplete(MqttControlPacketType.UnsubAck, p.PacketIdentifier, p);
                break;
            case MqttPingRespPacket:
                run.Answers.TryComplete(MqttControlPacketType.PingResp, 0, packet);
                break;
            case MqttAuthPacket:
                throw StandIn.Lacks("enhanced authentication");
            default:
                throw new MqttProtocolViolationException($"The server sent {packet}, which only clients send.");
        }
    }

    private async Task HandleMessagesAsync(ClientRun run)
    {
        _insideLoop.Value = true;
        await foreach (var packet in run.Messages.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (run.Stopping.IsCancellationRequested)
            {
                return;
            }

            try
            {
                var args = new MqttApplicationMessageReceivedEventArgs(run.Options.ClientId, packet.ToMessage(), packet, (e, token) => AcknowledgeAsync(run, e, token));
                await _messageReceived.InvokeAsync(args).ConfigureAwait(false);
                if (args.AutoAcknowledge)
                {
                    await args.AcknowledgeAsync(run.Stopping).ConfigureAwait(false);
                }
            }
            catch (Exception exception)
            {
                // Without an acknowledgement the server sends the message again after a reconnect.
                _log.Error(exception, "Handling a message failed.");
            }
        }
    }

    private static Task AcknowledgeAsync(ClientRun run, MqttApplicationMessageReceivedEventArgs args, CancellationToken cancellationToken)
    {
        if (args.ProcessingFailed || args.PublishPacket.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            return Task.CompletedTask;
        }

        MqttPacket answer = args.PublishPacket.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce
            ? new MqttPubAckPacket
            {
                PacketIdentifier = args.PacketIdentifier,
                ReasonCode = (MqttPubAckReasonCode)args.ReasonCode,
                ReasonString = args.ResponseReasonString,
                UserProperties = args.ResponseUserProperties,
            }
            : new MqttPubRecPacket
            {
                PacketIdentifier = args.PacketIdentifier,
                ReasonCode = (MqttPubRecReasonCode)args.ReasonCode,
                ReasonString = args.ResponseReasonString,
                UserProperties = args.ResponseUserProperties,
            };
        return run.Link!.SendAsync(answer, cancellationToken);
    }

    private async Task KeepAliveAsync(ClientRun run, TimeSpan period)
    {
        _insideLoop.Value = true;
        try
        {
            while (true)
            {
                var wait = period - TimeProvider.System.GetElapsedTime(run.Link!.LastSent);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, TimeProvider.System, run.Stopping).ConfigureAwait(false);
                    continue;
                }

                // MQTT-3.1.2-24: the server gives half a period more, so does this side.
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
                timeout.CancelAfter(period / 2);
                await PingAsync(run, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (run.Stopping.IsCancellationRequested)
        {
            _log.Info("The keep-alive stopped: {0}", exception.Message);
        }
        catch (Exception exception)
        {
            _log.Warning(exception, "The keep-alive failed.");
            await EndAsync(run, exception, null).ConfigureAwait(false);
        }
    }

    private static async Task PingAsync(ClientRun run, CancellationToken cancellationToken)
    {
        var answer = run.Answers.Expect(MqttControlPacketType.PingResp, 0);
        await run.Link!.SendAsync(MqttPingReqPacket.Instance, cancellationToken).ConfigureAwait(false);
        await AnswerAsync(answer, cancellationToken).ConfigureAwait(false);
    }

    private bool TryBeginEnd(out bool wasConnected)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            wasConnected = state == Connected;
            if (state is Disconnected or Disconnecting)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, Disconnecting, state) == state)
            {
                return true;
            }
        }
    }

    private Task EndAsync(ClientRun run, Exception? exception, MqttClientConnectResult? result) =>
        ReferenceEquals(run, _run) && TryBeginEnd(out var wasConnected) ? FinishAsync(run, exception, result, wasConnected) : Task.CompletedTask;

    private async Task FinishAsync(ClientRun run, Exception? exception, MqttClientConnectResult? result, bool wasConnected)
    {
        run.Abort();
        run.Answers.Close(new MqttClientDisconnectedException(exception));
        if (!_insideLoop.Value)
        {
            await Task.WhenAll(run.Receiving, run.Handling, run.KeepingAlive).ConfigureAwait(false);
        }

        Volatile.Write(ref _state, Disconnected);
        var args = new MqttClientDisconnectedEventArgs(
            wasConnected, result, run.DisconnectReason, run.UnexpectedDisconnect?.ReasonString, run.UnexpectedDisconnect?.UserProperties, exception);

        // On its own, so that a handler may connect again while the caller of this is still inside.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => RaiseDisconnectedAsync(args));
        }
    }

    private async Task RaiseDisconnectedAsync(MqttClientDisconnectedEventArgs args)
    {
        try
        {
            await _disconnected.InvokeAsync(args).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.Error(exception, "A handler of DisconnectedAsync failed.");
        }
    }
}
