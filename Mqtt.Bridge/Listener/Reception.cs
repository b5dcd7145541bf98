using Mqtt.Bridge.Intake;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>Hands every message of a tap to the intake, at the pace that its tap may have, and tells the server what to answer.</summary>
internal sealed class Reception(MessageIntake intake, Attendance attendance, ConnectedTaps taps, BridgeMetrics metrics, TimeProvider time)
{
    /// <summary>Takes a message; when this returns it may be acknowledged.</summary>
    public async Task TakeAsync(InterceptingPublishEventArgs publish)
    {
        if (TapClient.Of(publish.SessionItems) is not { } client)
        {
            // Our own message, on its way to a tap.
            return;
        }

        publish.ProcessPublish = false;
        if (string.IsNullOrEmpty(publish.ApplicationMessage.Topic) || attendance.IsSaidLater(client, publish))
        {
            // Of an unknown topic alias, the server has set the reason code.
            return;
        }

        if (!await KeepPaceAsync(client, publish))
        {
            publish.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
            publish.Response.ReasonString = "The tap sends too fast; send this again a little later.";
            return;
        }

        var submission = intake.Judge(client, publish.ApplicationMessage);
        var answer = await intake.TakeAsync(submission, publish.ClientId, publish.ApplicationMessage, publish.CancellationToken);
        publish.Response.ReasonCode = answer.ReasonCode;
        publish.Response.ReasonString = answer.Reason;
        if (answer.IsForListeners)
        {
            client.IsOnline = publish.ApplicationMessage.Says(TapStatus.Online);
            publish.ProcessPublish = true;
            publish.ApplicationMessage.Retain = true;
        }
    }

    /// <summary>Slows down a tap that sends too fast.</summary>
    /// <returns>False when the message is to be refused, which its sender can only learn over MQTT 5 with QoS 1 or 2.</returns>
    private async Task<bool> KeepPaceAsync(TapClient client, InterceptingPublishEventArgs publish)
    {
        var pace = taps.PaceOf(client, publish.ClientId);
        if (
            client.Version is MqttProtocolVersion.V500
            && publish.ApplicationMessage.QualityOfServiceLevel is not MqttQualityOfServiceLevel.AtMostOnce
        )
        {
            if (pace.TryTake())
            {
                return true;
            }

            metrics.Throttled();
            return false;
        }

        var wait = pace.Owe();
        if (wait > TimeSpan.Zero)
        {
            metrics.Throttled();
            await Task.Delay(wait, time, publish.CancellationToken);
        }

        return true;
    }
}
