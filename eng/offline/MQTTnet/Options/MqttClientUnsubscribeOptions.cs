using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>What to unsubscribe from.</summary>
public sealed class MqttClientUnsubscribeOptions
{
    public List<string> TopicFilters { get; set; } = [];

    public List<MqttUserProperty>? UserProperties { get; set; }

    internal void ThrowIfNotSupported(MqttProtocolVersion version) =>
        MqttClientOptions.Refuse(version != MqttProtocolVersion.V500 && UserProperties is { Count: > 0 }, nameof(UserProperties));
}

/// <summary>Builds <see cref="MqttClientUnsubscribeOptions"/>.</summary>
public sealed class MqttClientUnsubscribeOptionsBuilder
{
    private readonly MqttClientUnsubscribeOptions _options = new();

    public MqttClientUnsubscribeOptions Build() => _options;

    public MqttClientUnsubscribeOptionsBuilder WithTopicFilter(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        _options.TopicFilters.Add(topic);
        return this;
    }

    public MqttClientUnsubscribeOptionsBuilder WithTopicFilter(MqttTopicFilter topicFilter)
    {
        ArgumentNullException.ThrowIfNull(topicFilter);
        return WithTopicFilter(topicFilter.Topic);
    }

    [Obsolete("Use the overload that takes the value as bytes.")]
    public MqttClientUnsubscribeOptionsBuilder WithUserProperty(string name, string value) => Add(new MqttUserProperty(name, value));

    public MqttClientUnsubscribeOptionsBuilder WithUserProperty(string name, ReadOnlyMemory<byte> value) => Add(new MqttUserProperty(name, value));

    public MqttClientUnsubscribeOptionsBuilder WithUserProperty(string name, ArraySegment<byte> value) => Add(new MqttUserProperty(name, value));

    private MqttClientUnsubscribeOptionsBuilder Add(MqttUserProperty property)
    {
        (_options.UserProperties ??= []).Add(property);
        return this;
    }
}
