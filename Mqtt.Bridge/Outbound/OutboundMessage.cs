using MQTTnet;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Outbound;

/// <summary>What this bridge publishes itself.</summary>
internal static class OutboundMessage
{
    /// <summary>Tells taps something.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="json">What, UTF-8.</param>
    /// <param name="qos">0 or 1.</param>
    public static MqttApplicationMessage Of(string topic, byte[] json, MqttQualityOfServiceLevel qos) =>
        new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(json)
            .WithContentType("application/json")
            .WithQualityOfServiceLevel(qos)
            .Build();

    /// <summary>Is kept for whoever subscribes, with QoS 1; an empty one removes what is kept.</summary>
    public static MqttApplicationMessage Retained(string topic, byte[] payload) =>
        new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithRetainFlag()
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
}
