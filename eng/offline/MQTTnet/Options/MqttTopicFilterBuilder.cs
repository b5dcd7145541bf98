using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>Builds a <see cref="MqttTopicFilter"/>.</summary>
public sealed class MqttTopicFilterBuilder
{
    private readonly MqttTopicFilter _filter = new();

    /// <summary>Makes the filter; throws <see cref="MqttProtocolViolationException"/> without a topic.</summary>
    public MqttTopicFilter Build()
    {
        if (string.IsNullOrEmpty(_filter.Topic))
        {
            throw new MqttProtocolViolationException("A topic filter needs a topic.");
        }

        return new MqttTopicFilter
        {
            Topic = _filter.Topic,
            QualityOfServiceLevel = _filter.QualityOfServiceLevel,
            NoLocal = _filter.NoLocal,
            RetainAsPublished = _filter.RetainAsPublished,
            RetainHandling = _filter.RetainHandling,
        };
    }

    public MqttTopicFilterBuilder WithAtLeastOnceQoS() => WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);

    public MqttTopicFilterBuilder WithAtMostOnceQoS() => WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtMostOnce);

    public MqttTopicFilterBuilder WithExactlyOnceQoS() => WithQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce);

    public MqttTopicFilterBuilder WithNoLocal(bool value = true)
    {
        _filter.NoLocal = value;
        return this;
    }

    public MqttTopicFilterBuilder WithQualityOfServiceLevel(MqttQualityOfServiceLevel qualityOfServiceLevel)
    {
        _filter.QualityOfServiceLevel = qualityOfServiceLevel;
        return this;
    }

    public MqttTopicFilterBuilder WithRetainAsPublished(bool value = true)
    {
        _filter.RetainAsPublished = value;
        return this;
    }

    public MqttTopicFilterBuilder WithRetainHandling(MqttRetainHandling value)
    {
        _filter.RetainHandling = value;
        return this;
    }

    public MqttTopicFilterBuilder WithTopic(string topic)
    {
        _filter.Topic = topic;
        return this;
    }
}
