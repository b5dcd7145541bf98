using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <content>Publish, subscribe and unsubscribe.</content>
public sealed partial class MqttClient
{
    public Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage applicationMessage, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        MqttTopicValidator.ThrowIfInvalid(applicationMessage);
        var run = ConnectedRun();
        if (run.Options.ValidateFeatures && run.Options.ProtocolVersion != Formatter.MqttProtocolVersion.V500)
        {
            ThrowIfNotSupported(applicationMessage);
        }

        var packet = MqttPublishPacket.From(applicationMessage);
        return packet.QualityOfServiceLevel switch
        {
            MqttQualityOfServiceLevel.AtMostOnce => PublishAtMostOnceAsync(run, packet, cancellationToken),
            MqttQualityOfServiceLevel.AtLeastOnce => PublishAtLeastOnceAsync(run, packet, cancellationToken),
            MqttQualityOfServiceLevel.ExactlyOnce => PublishExactlyOnceAsync(run, packet, cancellationToken),
            var other => throw new NotSupportedException($"There is no QoS {other}."),
        };
    }

    public async Task<MqttClientSubscribeResult> SubscribeAsync(MqttClientSubscribeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.TopicFilters.ForEach(f => MqttTopicValidator.ThrowIfInvalidSubscribe(f.Topic));
        var run = ConnectedRun();
        if (run.Options.ValidateFeatures)
        {
            options.ThrowIfNotSupported(run.Options.ProtocolVersion);
        }

        var packet = new MqttSubscribePacket
        {
            TopicFilters = options.TopicFilters,
            SubscriptionIdentifier = options.SubscriptionIdentifier,
            UserProperties = options.UserProperties,
        };
        using var timeout = TimeoutOr(cancellationToken, run.Options);
        var answer = (MqttSubAckPacket)await RequestAsync(run, packet, MqttControlPacketType.SubAck, timeout?.Token ?? cancellationToken).ConfigureAwait(false);
        if (answer.ReasonCodes.Count != options.TopicFilters.Count)
        {
            throw new MqttProtocolViolationException("The SUBACK does not have one reason code for each topic filter.");
        }

        var items = options.TopicFilters.Zip(answer.ReasonCodes, (filter, code) => new MqttClientSubscribeResultItem(filter, (MqttClientSubscribeResultCode)code)).ToList();
        return new MqttClientSubscribeResult(answer.PacketIdentifier, items, answer.ReasonString, answer.UserProperties ?? []);
    }

    public async Task<MqttClientUnsubscribeResult> UnsubscribeAsync(MqttClientUnsubscribeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.TopicFilters.ForEach(MqttTopicValidator.ThrowIfInvalidSubscribe);
        var run = ConnectedRun();
        if (run.Options.ValidateFeatures)
        {
            options.ThrowIfNotSupported(run.Options.ProtocolVersion);
        }

        var packet = new MqttUnsubscribePacket { TopicFilters = options.TopicFilters, UserProperties = options.UserProperties };
        using var timeout = TimeoutOr(cancellationToken, run.Options);
        var answer = (MqttUnsubAckPacket)await RequestAsync(run, packet, MqttControlPacketType.UnsubAck, timeout?.Token ?? cancellationToken).ConfigureAwait(false);

        // An UNSUBACK of before MQTT 5.0 has no reason codes.
        var items = options.TopicFilters
            .Select((filter, i) => new MqttClientUnsubscribeResultItem(filter, i < answer.ReasonCodes.Count ? (MqttClientUnsubscribeResultCode)answer.ReasonCodes[i] : MqttClientUnsubscribeResultCode.Success))
            .ToList();
        return new MqttClientUnsubscribeResult(answer.PacketIdentifier, items, answer.ReasonString, answer.UserProperties ?? []);
    }

    private static void ThrowIfNotSupported(MqttApplicationMessage message)
    {
        MqttClientOptions.Refuse(!string.IsNullOrEmpty(message.ContentType), nameof(message.ContentType));
        MqttClientOptions.Refuse(message.UserProperties is { Count: > 0 }, nameof(message.UserProperties));
        MqttClientOptions.Refuse(message.CorrelationData is { Length: > 0 }, nameof(message.CorrelationData));
        MqttClientOptions.Refuse(!string.IsNullOrEmpty(message.ResponseTopic), nameof(message.ResponseTopic));
        MqttClientOptions.Refuse(message.SubscriptionIdentifiers is { Count: > 0 }, nameof(message.SubscriptionIdentifiers));
        MqttClientOptions.Refuse(message.TopicAlias > 0, nameof(message.TopicAlias));
        MqttClientOptions.Refuse(message.PayloadFormatIndicator != MqttPayloadFormatIndicator.Unspecified, nameof(message.PayloadFormatIndicator));
    }

    private static async Task<MqttClientPublishResult> PublishAtMostOnceAsync(ClientRun run, MqttPublishPacket packet, CancellationToken cancellationToken)
    {
        try
        {
            await run.Link!.SendAsync(packet, cancellationToken).ConfigureAwait(false);
            return new MqttClientPublishResult(null, MqttClientPublishReasonCode.Success, null, []);
        }
        catch (MqttCommunicationException exception) when (run.UnexpectedDisconnect is { } disconnect)
        {
            throw new MqttClientUnexpectedDisconnectReceivedException(disconnect, exception);
        }
    }

    private static async Task<MqttClientPublishResult> PublishAtLeastOnceAsync(ClientRun run, MqttPublishPacket packet, CancellationToken cancellationToken)
    {
        var answer = (MqttPubAckPacket)await RequestAsync(run, packet, MqttControlPacketType.PubAck, cancellationToken).ConfigureAwait(false);
        return new MqttClientPublishResult(answer.PacketIdentifier, (MqttClientPublishReasonCode)answer.ReasonCode, answer.ReasonString, answer.UserProperties ?? []);
    }

    private static async Task<MqttClientPublishResult> PublishExactlyOnceAsync(ClientRun run, MqttPublishPacket packet, CancellationToken cancellationToken)
    {
        var received = (MqttPubRecPacket)await RequestAsync(run, packet, MqttControlPacketType.PubRec, cancellationToken).ConfigureAwait(false);
        if ((int)received.ReasonCode < 0x80)
        {
            var complete = run.Answers.Expect(MqttControlPacketType.PubComp, received.PacketIdentifier);
            await run.Link!.SendAsync(new MqttPubRelPacket { PacketIdentifier = received.PacketIdentifier }, cancellationToken).ConfigureAwait(false);
            await AnswerAsync(complete, cancellationToken).ConfigureAwait(false);
        }

        return new MqttClientPublishResult(received.PacketIdentifier, (MqttClientPublishReasonCode)received.ReasonCode, received.ReasonString, received.UserProperties ?? []);
    }

    private static async Task<MqttPacket> RequestAsync(ClientRun run, MqttPacketWithIdentifier packet, MqttControlPacketType answerType, CancellationToken cancellationToken)
    {
        packet.PacketIdentifier = run.Answers.Reserve(answerType, out var answer);
        try
        {
            await run.Link!.SendAsync(packet, cancellationToken).ConfigureAwait(false);
            return await AnswerAsync(answer, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            run.Answers.Forget(answerType, packet.PacketIdentifier);
            throw;
        }
    }

    /// <summary>Waits for the answer; the end of the token is a time-out of the communication.</summary>
    private static async Task<MqttPacket> AnswerAsync(Task<MqttPacket> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new MqttCommunicationTimedOutException(exception);
        }
    }
}
