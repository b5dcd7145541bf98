using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server;

/// <summary>What an MQTT 5.0 client is told when the server disconnects it.</summary>
public sealed class MqttServerClientDisconnectOptions
{
    public MqttDisconnectReasonCode ReasonCode { get; set; } = MqttDisconnectReasonCode.NormalDisconnection;

    public string? ReasonString { get; set; }

    public string? ServerReference { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>Builds <see cref="MqttServerClientDisconnectOptions"/>.</summary>
public sealed class MqttServerClientDisconnectOptionsBuilder
{
    private readonly MqttServerClientDisconnectOptions _options = new();

    public MqttServerClientDisconnectOptions Build() => _options;

    public MqttServerClientDisconnectOptionsBuilder WithReasonCode(MqttDisconnectReasonCode value)
    {
        _options.ReasonCode = value;
        return this;
    }

    public MqttServerClientDisconnectOptionsBuilder WithReasonString(string? value)
    {
        _options.ReasonString = value;
        return this;
    }

    public MqttServerClientDisconnectOptionsBuilder WithServerReference(string? value)
    {
        _options.ServerReference = value;
        return this;
    }

    public MqttServerClientDisconnectOptionsBuilder WithUserProperties(List<MqttUserProperty>? value)
    {
        _options.UserProperties = value;
        return this;
    }

    [Obsolete("Use the overload that takes the value as bytes.")]
    public MqttServerClientDisconnectOptionsBuilder WithUserProperty(string name, string value) => Add(new MqttUserProperty(name, value));

    public MqttServerClientDisconnectOptionsBuilder WithUserProperty(string name, ReadOnlyMemory<byte> value) => Add(new MqttUserProperty(name, value));

    public MqttServerClientDisconnectOptionsBuilder WithUserProperty(string name, ArraySegment<byte> value) => Add(new MqttUserProperty(name, value));

    private MqttServerClientDisconnectOptionsBuilder Add(MqttUserProperty property)
    {
        (_options.UserProperties ??= []).Add(property);
        return this;
    }
}

/// <summary>How the server stops.</summary>
public sealed class MqttServerStopOptions
{
    /// <summary>What the connected clients are told; the default is ServerShuttingDown.</summary>
    public MqttServerClientDisconnectOptions DefaultClientDisconnectOptions { get; set; } = new() { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown };
}

/// <summary>Builds <see cref="MqttServerStopOptions"/>.</summary>
public sealed class MqttServerStopOptionsBuilder
{
    private readonly MqttServerStopOptions _options = new();

    public MqttServerStopOptions Build() => _options;

    public MqttServerStopOptionsBuilder WithDefaultClientDisconnectOptions(MqttServerClientDisconnectOptions value)
    {
        _options.DefaultClientDisconnectOptions = value;
        return this;
    }

    public MqttServerStopOptionsBuilder WithDefaultClientDisconnectOptions(Action<MqttServerClientDisconnectOptionsBuilder> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var disconnect = new MqttServerClientDisconnectOptionsBuilder();
        builder(disconnect);
        return WithDefaultClientDisconnectOptions(disconnect.Build());
    }
}
