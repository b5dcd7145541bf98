using System.Buffers;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Listener;
using MQTTnet;

namespace Mqtt.Bridge.Upstream;

/// <summary>Hears from the broker which taps are online.</summary>
internal sealed class UpstreamStatus(UpstreamTaps taps, UpstreamLead lead, PresenceKeeper presence)
{
    /// <summary>Where taps, or their wills, say so.</summary>
    public const string Topic = "taps/+/status";

    /// <summary>Whether a topic is one of these.</summary>
    public static bool IsStatus(string topic) => topic.EndsWith("/status", StringComparison.Ordinal);

    /// <summary>Hears a status.</summary>
    /// <returns>
    /// Whether this bridge is to judge it as a message, too: the one that leads, and not again what the broker had retained.
    /// </returns>
    public async Task<bool> HearAsync(MqttApplicationMessage message)
    {
        // An empty one deletes what is retained.
        if (TapTopic.TryParse(message.Topic, out var topic) && (message.Payload.IsEmpty || TapStatus.IsStatus(message.Payload.ToArray())))
        {
            await HearAsync(topic.TapId, message.Says(TapStatus.Online));
        }

        return lead.IsOurs && !message.Retain && !message.Payload.IsEmpty;
    }

    /// <summary>Nothing is known of any tap: the connection to the broker is another one.</summary>
    public void Forget() => taps.Forget();

    /// <summary>This bridge has become the one that leads: what the one before may have left undone is done again.</summary>
    public Task RepeatAsync()
    {
        taps.CommandsForAll();
        return presence.RepeatAsync();
    }

    private async Task HearAsync(int tapId, bool online)
    {
        if (online)
        {
            taps.Enter(tapId);
        }
        else
        {
            taps.Leave(tapId);
        }

        if (lead.IsOurs)
        {
            await (online ? presence.ArrivedAsync(tapId) : presence.LeftAsync(tapId));
        }
    }
}
