using System.Collections;

namespace MQTTnet.Server;

/// <summary>A message that the host of the server publishes itself.</summary>
public sealed class InjectedMqttApplicationMessage(MqttApplicationMessage applicationMessage)
{
    public MqttApplicationMessage ApplicationMessage { get; } = applicationMessage ?? throw new ArgumentNullException(nameof(applicationMessage));

    /// <summary>Null stands for the items of the server.</summary>
    public IDictionary? CustomSessionItems { get; set; }

    public string SenderClientId { get; set; } = "";

    public string? SenderUserName { get; set; }
}
