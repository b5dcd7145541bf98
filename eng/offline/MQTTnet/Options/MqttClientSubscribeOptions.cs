using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>What to subscribe to.</summary>
public sealed class MqttClientSubscribeOptions
{
    /// <summary>1 to 268435455; 0 means none (MQTT 5.0).</summary>
    public uint SubscriptionIdentifier { get; set; }

    public List<MqttTopicFilter> TopicFilters { get; set; } = [];

    public List<MqttUserProperty>? UserProperties { get; set; }

    internal void ThrowIfNotSupported(MqttProtocolVersion version)
    {
        if (version == MqttProtocolVersion.V500)
        {
            return;
        }

        MqttClientOptions.Refuse(UserProperties is { Count: > 0 }, nameof(UserProperties));
        MqttClientOptions.Refuse(SubscriptionIdentifier != 0, nameof(SubscriptionIdentifier));
        MqttClientOptions.Refuse(TopicFilters.Exists(f => f.NoLocal), nameof(MqttTopicFilter.NoLocal));
        MqttClientOptions.Refuse(TopicFilters.Exists(f => f.RetainAsPublished), nameof(MqttTopicFilter.RetainAsPublished));
        MqttClientOptions.Refuse(TopicFilters.Exists(f => f.RetainHandling != MqttRetainHandling.SendAtSubscribe), nameof(MqttTopicFilter.RetainHandling));
    }
}

/// <summary>Builds <see cref="MqttClientSubscribeOptions"/>.</summary>
public sealed class MqttClientSubscribeOptionsBuilder
{
    private readonly MqttClientSubscribeOptions _options = new();

    public MqttClientSubscribeOptions Build() => _options;

    public MqttClientSubscribeOptionsBuilder WithSubscriptionIdentifier(uint subscriptionIdentifier)
    {
        if (subscriptionIdentifier == 0)
        {
            throw new MqttProtocolViolationException("A subscription identifier must not be 0.");
        }

        _options.SubscriptionIdentifier = subscriptionIdentifier;
        return this;
    }

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(
        string topic,
        MqttQualityOfServiceLevel qualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
        bool noLocal = false,
        bool retainAsPublished = false,
        MqttRetainHandling retainHandling = MqttRetainHandling.SendAtSubscribe) =>
        WithTopicFilter(new MqttTopicFilter
        {
            Topic = topic,
            QualityOfServiceLevel = qualityOfServiceLevel,
            NoLocal = noLocal,
            RetainAsPublished = retainAsPublished,
            RetainHandling = retainHandling,
        });

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(Action<MqttTopicFilterBuilder> topicFilterBuilder)
    {
        ArgumentNullException.ThrowIfNull(topicFilterBuilder);
        var builder = new MqttTopicFilterBuilder();
        topicFilterBuilder(builder);
        return WithTopicFilter(builder);
    }

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(MqttTopicFilterBuilder topicFilterBuilder)
    {
        ArgumentNullException.ThrowIfNull(topicFilterBuilder);
        return WithTopicFilter(topicFilterBuilder.Build());
    }

    public MqttClientSubscribeOptionsBuilder WithTopicFilter(MqttTopicFilter topicFilter)
    {
        ArgumentNullException.ThrowIfNull(topicFilter);
        _options.TopicFilters.Add(topicFilter);
        return this;
    }

    [Obsolete("Use the overload that takes the value as bytes.")]
    public MqttClientSubscribeOptionsBuilder WithUserProperty(string name, string value) => Add(new MqttUserProperty(name, value));

    public MqttClientSubscribeOptionsBuilder WithUserProperty(string name, ReadOnlyMemory<byte> value) => Add(new MqttUserProperty(name, value));

    public MqttClientSubscribeOptionsBuilder WithUserProperty(string name, ArraySegment<byte> value) => Add(new MqttUserProperty(name, value));

    private MqttClientSubscribeOptionsBuilder Add(MqttUserProperty property)
    {
        (_options.UserProperties ??= []).Add(property);
        return this;
    }
}
