using MQTTnet.Packets;

namespace MQTTnet.Server.Running;

/// <content>SUBSCRIBE and UNSUBSCRIBE.</content>
internal sealed partial class ClientConnection
{
    private async ValueTask<bool> SubscribeAsync(MqttSubscribePacket packet)
    {
        var outcome = await Subscribing.SubscribeAsync(_core, _session!, packet.TopicFilters, packet.SubscriptionIdentifier, packet.UserProperties, Closing).ConfigureAwait(false);
        Enqueue(new MqttSubAckPacket
        {
            PacketIdentifier = packet.PacketIdentifier,
            ReasonCodes = outcome.ReasonCodes,
            ReasonString = outcome.ReasonString,
            UserProperties = outcome.UserProperties,
        });
        if (outcome.CloseConnection)
        {
            return false;
        }

        outcome.Retained.ForEach(retained => _session!.Enqueue(retained, out _));
        return true;
    }

    private async ValueTask<bool> UnsubscribeAsync(MqttUnsubscribePacket packet)
    {
        var outcome = await Subscribing.UnsubscribeAsync(_core, _session!, packet.TopicFilters, packet.UserProperties, Closing).ConfigureAwait(false);
        Enqueue(new MqttUnsubAckPacket
        {
            PacketIdentifier = packet.PacketIdentifier,
            ReasonCodes = outcome.ReasonCodes,
            ReasonString = outcome.ReasonString,
            UserProperties = outcome.UserProperties,
        });
        return !outcome.CloseConnection;
    }
}
