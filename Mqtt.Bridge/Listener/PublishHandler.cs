using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Ingest;

namespace Mqtt.Bridge.Listener;

/// <summary>Takes what taps publish, each at the pace that it may have.</summary>
internal sealed class PublishHandler(RateLimit rate, MessageIntake intake, BridgeMetrics metrics)
{
    /// <summary>What is said of a message that was refused for its pace.</summary>
    public const string TooFast = "The tap sends too fast; send this again a little later.";

    /// <summary>Slows down a tap that sends too fast.</summary>
    /// <returns>False when the message is to be refused, which its sender can only learn over MQTT 5 with QoS 1 or 2.</returns>
    public async ValueTask<bool> KeepPaceAsync(TapClient client, MqttQualityOfServiceLevel qos, CancellationToken cancellationToken)
    {
        if (rate.TryTake(client))
        {
            return true;
        }

        metrics.Throttled();
        if (client.IsVersion5 && qos is not MqttQualityOfServiceLevel.AtMostOnce)
        {
            return false;
        }

        await rate.WaitAsync(client, cancellationToken);
        return true;
    }

    /// <summary>Judges a message.</summary>
    public Submission Judge(TapClient client, MqttApplicationMessage message) => intake.Judge(message, client.TapId, client.ClientId);

    /// <inheritdoc cref="MessageIntake.TakeAsync" />
    public Task TakeAsync(Submission submission, CancellationToken connection, AppendTurn? turn = null) =>
        intake.TakeAsync(submission, connection, turn);
}
