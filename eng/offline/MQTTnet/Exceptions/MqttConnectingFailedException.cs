using MQTTnet.Exceptions;

namespace MQTTnet.Adapter;

/// <summary>The TCP connection stood, but the exchange of CONNECT and CONNACK failed.</summary>
public sealed class MqttConnectingFailedException : MqttCommunicationException
{
    public MqttConnectingFailedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
