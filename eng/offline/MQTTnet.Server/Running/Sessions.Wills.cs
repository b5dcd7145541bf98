using MQTTnet.Protocol;

namespace MQTTnet.Server.Running;

/// <content>Wills (section 3.1.2.5).</content>
internal sealed partial class Sessions
{
    private async Task HandleWillAsync(ClientConnection connection, Session session, bool persists)
    {
        var connect = connection.Connect!;
        if (!connect.WillFlag || connection.Disconnect?.ReasonCode == MqttDisconnectReasonCode.NormalDisconnection)
        {
            return;
        }

        var will = new MqttApplicationMessage
        {
            Topic = connect.WillTopic!,
            Payload = new System.Buffers.ReadOnlySequence<byte>(connect.WillMessage ?? []),
            QualityOfServiceLevel = connect.WillQoS,
            Retain = connect.WillRetain,
            ContentType = connect.WillContentType,
            CorrelationData = connect.WillCorrelationData,
            ResponseTopic = connect.WillResponseTopic,
            MessageExpiryInterval = connect.WillMessageExpiryInterval,
            PayloadFormatIndicator = connect.WillPayloadFormatIndicator,
            UserProperties = connect.WillUserProperties,
        };
        if (persists && connect.WillDelayInterval > 0)
        {
            // Section 3.1.3.2.2: after the delay, or with the end of the session.
            var delay = TimeSpan.FromSeconds(Math.Min(connect.WillDelayInterval, session.ExpiryInterval));
            session.DelayedWill = (will, TimeProvider.System.GetUtcNow().UtcDateTime + delay);
            return;
        }

        await SendWillAsync(session, will).ConfigureAwait(false);
    }

    private async Task SendWillAsync(Session session, MqttApplicationMessage will)
    {
        try
        {
            await core.DispatchAsync(session.Id, session.UserName, session.Items, will, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            core.Log.Error(exception, "The will of client '{0}' could not be published.", session.Id);
        }
    }

    private async Task SendDelayedWillAsync(Session session)
    {
        if (session.DelayedWill is { } delayed)
        {
            session.DelayedWill = null;
            await SendWillAsync(session, delayed.Message).ConfigureAwait(false);
        }
    }
}
