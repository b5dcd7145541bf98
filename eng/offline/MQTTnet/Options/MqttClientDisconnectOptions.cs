using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>The reasons a client may give in an MQTT 5.0 DISCONNECT.</summary>
public enum MqttClientDisconnectOptionsReason
{
    NormalDisconnection = 0x00,
    DisconnectWithWillMessage = 0x04,
    UnspecifiedError = 0x80,
    MalformedPacket = 0x81,
    ProtocolError = 0x82,
    ImplementationSpecificError = 0x83,
    TopicNameInvalid = 0x90,
    ReceiveMaximumExceeded = 0x93,
    TopicAliasInvalid = 0x94,
    PacketTooLarge = 0x95,
    MessageRateTooHigh = 0x96,
    QuotaExceeded = 0x97,
    AdministrativeAction = 0x98,
    PayloadFormatInvalid = 0x99,
}

/// <summary>How to say goodbye.</summary>
public sealed class MqttClientDisconnectOptions
{
    public MqttClientDisconnectOptionsReason Reason { get; set; } = MqttClientDisconnectOptionsReason.NormalDisconnection;

    public string? ReasonString { get; set; }

    /// <summary>Seconds; 0 keeps what CONNECT said.</summary>
    public uint SessionExpiryInterval { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    internal void ThrowIfNotSupported(MqttProtocolVersion version)
    {
        if (version == MqttProtocolVersion.V500)
        {
            return;
        }

        MqttClientOptions.Refuse(Reason != MqttClientDisconnectOptionsReason.NormalDisconnection, nameof(Reason));
        MqttClientOptions.Refuse(!string.IsNullOrEmpty(ReasonString), nameof(ReasonString));
        MqttClientOptions.Refuse(SessionExpiryInterval != 0, nameof(SessionExpiryInterval));
        MqttClientOptions.Refuse(UserProperties is { Count: > 0 }, nameof(UserProperties));
    }
}

/// <summary>Builds <see cref="MqttClientDisconnectOptions"/>.</summary>
public sealed class MqttClientDisconnectOptionsBuilder
{
    private readonly MqttClientDisconnectOptions _options = new();

    public MqttClientDisconnectOptions Build() => _options;

    public MqttClientDisconnectOptionsBuilder WithReason(MqttClientDisconnectOptionsReason value)
    {
        _options.Reason = value;
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithReasonString(string? value)
    {
        _options.ReasonString = value;
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithSessionExpiryInterval(uint value)
    {
        _options.SessionExpiryInterval = value;
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithUserProperties(List<MqttUserProperty>? userProperties)
    {
        _options.UserProperties = userProperties;
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithUserProperty(string name, ReadOnlyMemory<byte> value)
    {
        (_options.UserProperties ??= []).Add(new MqttUserProperty(name, value));
        return this;
    }

    public MqttClientDisconnectOptionsBuilder WithUserProperty(string name, ArraySegment<byte> value)
    {
        (_options.UserProperties ??= []).Add(new MqttUserProperty(name, value));
        return this;
    }
}
