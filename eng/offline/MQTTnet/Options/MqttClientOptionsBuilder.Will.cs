using System.Text;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <content>The will message.</content>
public sealed partial class MqttClientOptionsBuilder
{
    public MqttClientOptionsBuilder WithWillContentType(string? willContentType) => Set(o => o.WillContentType = willContentType);

    public MqttClientOptionsBuilder WithWillCorrelationData(byte[]? willCorrelationData) => Set(o => o.WillCorrelationData = willCorrelationData);

    /// <summary>Seconds between the loss of the connection and the will.</summary>
    public MqttClientOptionsBuilder WithWillDelayInterval(uint willDelayInterval) => Set(o => o.WillDelayInterval = willDelayInterval);

    /// <summary>Seconds.</summary>
    public MqttClientOptionsBuilder WithWillMessageExpiryInterval(uint willMessageExpiryInterval) => Set(o => o.WillMessageExpiryInterval = willMessageExpiryInterval);

    public MqttClientOptionsBuilder WithWillPayload(byte[]? willPayload) => Set(o => o.WillPayload = willPayload);

    public MqttClientOptionsBuilder WithWillPayload(ArraySegment<byte> willPayload) => Set(o => o.WillPayload = willPayload.Count == 0 ? null : willPayload.ToArray());

    public MqttClientOptionsBuilder WithWillPayload(string? willPayload) => Set(o => o.WillPayload = string.IsNullOrEmpty(willPayload) ? null : Encoding.UTF8.GetBytes(willPayload));

    public MqttClientOptionsBuilder WithWillPayloadFormatIndicator(MqttPayloadFormatIndicator willPayloadFormatIndicator) =>
        Set(o => o.WillPayloadFormatIndicator = willPayloadFormatIndicator);

    public MqttClientOptionsBuilder WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel willQualityOfServiceLevel) =>
        Set(o => o.WillQualityOfServiceLevel = willQualityOfServiceLevel);

    public MqttClientOptionsBuilder WithWillResponseTopic(string? willResponseTopic) => Set(o => o.WillResponseTopic = willResponseTopic);

    public MqttClientOptionsBuilder WithWillRetain(bool willRetain = true) => Set(o => o.WillRetain = willRetain);

    public MqttClientOptionsBuilder WithWillTopic(string willTopic) => Set(o => o.WillTopic = willTopic);

    [Obsolete("Use the overload that takes the value as bytes.")]
    public MqttClientOptionsBuilder WithWillUserProperty(string name, string value) => AddToWill(new MqttUserProperty(name, value));

    public MqttClientOptionsBuilder WithWillUserProperty(string name, ReadOnlyMemory<byte> value) => AddToWill(new MqttUserProperty(name, value));

    public MqttClientOptionsBuilder WithWillUserProperty(string name, ArraySegment<byte> value) => AddToWill(new MqttUserProperty(name, value));

    private MqttClientOptionsBuilder AddToWill(MqttUserProperty property) => Set(o => (o.WillUserProperties ??= []).Add(property));
}
