using System.Buffers;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Outbound;
using MQTTnet;

namespace Mqtt.Bridge.Upstream;

/// <summary>Follows the status messages at the broker: which taps are online.</summary>
internal sealed class UpstreamStatus(UpstreamTaps taps, UpstreamLead lead, PresenceRelay presence)
{
    /// <summary>The topics of the status of all taps.</summary>
    public const string Topic = "taps/+/status";

    /// <summary>Whether a topic is one of these.</summary>
    public static bool IsStatus(string topic) => topic.EndsWith("/status", StringComparison.Ordinal);

    /// <summary>Takes note of a status.</summary>
    /// <returns>
    /// Whether this bridge also has to judge it as a message. Only the leading one does, and not for what the broker had retained.
    /// </returns>
    public async Task<bool> HearAsync(MqttApplicationMessage message)
    {
        if (TapTopic.TryParse(message.Topic, out var topic) && TapStatus.IsStatus(message.Payload.ToArray()))
        {
            await HearAsync(topic.TapId, TapStatus.IsOnline(message));
        }

        return lead.IsOurs && !message.Retain && !message.Payload.IsEmpty;
    }

    /// <summary>Forgets all taps, because there is a new connection to the broker.</summary>
    public void Forget() => taps.Clear();

    /// <summary>This bridge leads from now on, and repeats what the one before may not have done.</summary>
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
