namespace MQTTnet.Server.Running;

/// <content>Wills (section 3.1.2.5).</content>
internal sealed partial class Sessions
{
    /// <summary>Publishes the will of a client that went without DISCONNECT; like the real server, whatever the delay, and without a wait for it.</summary>
    private void HandleWill(ClientConnection connection, Session session)
    {
        var connect = connection.Connect!;
        if (!connect.WillFlag || connection.Disconnect is not null)
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
        _ = SendWillAsync(session, will);
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
}
