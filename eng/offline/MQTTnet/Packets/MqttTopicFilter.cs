using MQTTnet.Protocol;

namespace MQTTnet.Packets;

/// <summary>A topic filter with the options of its subscription.</summary>
public sealed class MqttTopicFilter
{
    /// <summary>Do not send the client's own messages back to it (MQTT 5.0).</summary>
    public bool NoLocal { get; set; }

    public MqttQualityOfServiceLevel QualityOfServiceLevel { get; set; }

    /// <summary>Keep the publisher's retain flag (MQTT 5.0).</summary>
    public bool RetainAsPublished { get; set; }

    public MqttRetainHandling RetainHandling { get; set; }

    public string Topic { get; set; } = null!;

    public override string ToString() =>
        $"TopicFilter: [Topic={Topic}] [QualityOfServiceLevel={QualityOfServiceLevel}] [NoLocal={NoLocal}] [RetainAsPublished={RetainAsPublished}] [RetainHandling={RetainHandling}]";
}
