using System.Buffers;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Outbound;
using MQTTnet;

namespace Mqtt.Bridge.Upstream;

/// <summary>Hears from the broker which taps are online.</summary>
internal sealed class UpstreamStatus(UpstreamTaps taps, UpstreamLead lead, PresenceRelay presence)
{
    /// <summary>Where taps, or their wills, say so.</summary>
    public const string Topic = "taps/+/status";

    /// <summary>Whether a topic is one of these.</summary>
    public static bool IsStatus(string topic) => topic.EndsWith("/status", StringComparison.Ordinal);

    /// <summary>Hears a status.</summary>
    /// <returns>
    /// Whether this bridge has to judge it as a message, too: only the one that leads does, and not what the broker had retained.
    /// </returns>
    public async Task<bool> HearAsync(MqttApplicationMessage message)
    {
        if (TapTopic.TryParse(message.Topic, out var topic) && TapStatus.IsStatus(message.Payload.ToArray()))
        {
            await HearAsync(topic.TapId, TapStatus.IsOnline(message));
        }

        return lead.IsOurs && !message.Retain && !message.Payload.IsEmpty;
    }

    /// <summary>Nothing is known of any tap: the connection to the broker is another one.</summary>
    public void Forget() => taps.Clear();

    /// <summary>This bridge has become the one that leads: what the one before may have left undone is done again.</summary>
    public Task RepeatAsync()
    {
        taps.AllReady();
        return presence.RepeatAsync();
    }

    private async Task HearAsync(int tapId, bool online)
    {
        if (online)
        {
            taps.Add(tapId);
        }
        else
        {
            taps.Remove(tapId);
        }

        if (lead.IsOurs)
        {
            await (online ? presence.ArrivedAsync(tapId) : presence.LeftAsync(tapId));
        }
    }
}
