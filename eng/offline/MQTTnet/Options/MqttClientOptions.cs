using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>How the client reaches a server.</summary>
public interface IMqttClientChannelOptions
{
}

/// <summary>Everything a client needs to connect. Members about MQTT 5.0 properties are absent at 0 or null.</summary>
public sealed class MqttClientOptions
{
    public bool AllowPacketFragmentation { get; set; } = true;

    public byte[]? AuthenticationData { get; set; }

    public string? AuthenticationMethod { get; set; }

    public IMqttClientChannelOptions ChannelOptions { get; set; } = null!;

    /// <summary>Clean session (3.1.1) or clean start (5.0).</summary>
    public bool CleanSession { get; set; } = true;

    public string ClientId { get; set; } = Guid.NewGuid().ToString("N");

    public IMqttClientCredentialsProvider? Credentials { get; set; }

    /// <summary>Zero switches the keep-alive off.</summary>
    public TimeSpan KeepAlivePeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes the client accepts in one packet.</summary>
    public uint MaximumPacketSize { get; set; }

    public MqttProtocolVersion ProtocolVersion { get; set; } = MqttProtocolVersion.V500;

    public ushort ReceiveMaximum { get; set; }

    public bool RequestProblemInformation { get; set; } = true;

    public bool RequestResponseInformation { get; set; }

    /// <summary>Seconds.</summary>
    public uint SessionExpiryInterval { get; set; }

    /// <summary>Longest wait for the server where the caller gave no token of its own.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(100);

    public ushort TopicAliasMaximum { get; set; }

    /// <summary>Announces a bridge to a server of before MQTT 5.0.</summary>
    public bool TryPrivate { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }

    /// <summary>Refuse what the protocol version does not have, instead of leaving it out.</summary>
    public bool ValidateFeatures { get; set; } = true;

    public string? WillContentType { get; set; }

    public byte[]? WillCorrelationData { get; set; }

    /// <summary>Seconds.</summary>
    public uint WillDelayInterval { get; set; }

    /// <summary>Seconds.</summary>
    public uint WillMessageExpiryInterval { get; set; }

    public byte[]? WillPayload { get; set; }

    public MqttPayloadFormatIndicator WillPayloadFormatIndicator { get; set; }

    public MqttQualityOfServiceLevel WillQualityOfServiceLevel { get; set; }

    public string? WillResponseTopic { get; set; }

    public bool WillRetain { get; set; }

    /// <summary>A will exists when this is set.</summary>
    public string? WillTopic { get; set; }

    public List<MqttUserProperty>? WillUserProperties { get; set; }

    internal void ThrowIfNotSupported()
    {
        if (ProtocolVersion == MqttProtocolVersion.V500)
        {
            if (TryPrivate)
            {
                throw new NotSupportedException("TryPrivate exists up to MQTT 3.1.1 only.");
            }

            return;
        }

        Refuse(UserProperties is { Count: > 0 }, nameof(UserProperties));
        Refuse(RequestResponseInformation, nameof(RequestResponseInformation));
        Refuse(ReceiveMaximum > 0, nameof(ReceiveMaximum));
        Refuse(MaximumPacketSize > 0, nameof(MaximumPacketSize));
        Refuse(AuthenticationData is { Length: > 0 }, nameof(AuthenticationData));
        Refuse(!string.IsNullOrEmpty(AuthenticationMethod), nameof(AuthenticationMethod));
        Refuse(WillPayloadFormatIndicator != MqttPayloadFormatIndicator.Unspecified, nameof(WillPayloadFormatIndicator));
        Refuse(!string.IsNullOrEmpty(WillContentType), nameof(WillContentType));
        Refuse(WillCorrelationData is { Length: > 0 }, nameof(WillCorrelationData));
        Refuse(!string.IsNullOrEmpty(WillResponseTopic), nameof(WillResponseTopic));
        Refuse(WillDelayInterval > 0, nameof(WillDelayInterval));
        Refuse(WillMessageExpiryInterval > 0, nameof(WillMessageExpiryInterval));
        Refuse(WillUserProperties is { Count: > 0 }, nameof(WillUserProperties));
    }

    internal static void Refuse(bool used, string feature)
    {
        if (used)
        {
            throw new NotSupportedException($"{feature} needs MQTT 5.0.");
        }
    }
}
