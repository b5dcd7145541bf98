using System.Text;

namespace MQTTnet;

/// <summary>Reads messages.</summary>
public static class MqttApplicationMessageExtensions
{
    /// <summary>Returns the payload as UTF-8 text, or null when it is empty.</summary>
    public static string? ConvertPayloadToString(this MqttApplicationMessage applicationMessage)
    {
        ArgumentNullException.ThrowIfNull(applicationMessage);
        return applicationMessage.Payload.IsEmpty ? null : Encoding.UTF8.GetString(applicationMessage.Payload);
    }
}
