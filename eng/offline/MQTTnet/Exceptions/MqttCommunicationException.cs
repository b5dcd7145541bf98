namespace MQTTnet.Exceptions;

/// <summary>The connection failed, or the other side ended it.</summary>
public class MqttCommunicationException : Exception
{
    public MqttCommunicationException(Exception? innerException)
        : base(innerException?.Message ?? "MQTT communication failed.", innerException)
    {
    }

    public MqttCommunicationException(string message)
        : base(message)
    {
    }

    public MqttCommunicationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>An answer did not come in time, or the caller's token ended the wait for it.</summary>
public sealed class MqttCommunicationTimedOutException : MqttCommunicationException
{
    public MqttCommunicationTimedOutException()
        : base("The operation has timed out.")
    {
    }

    public MqttCommunicationTimedOutException(Exception innerException)
        : base("The operation has timed out.", innerException)
    {
    }
}

/// <summary>A call needs a connection and there is none.</summary>
public sealed class MqttClientNotConnectedException : MqttCommunicationException
{
    public MqttClientNotConnectedException()
        : base("The MQTT client is not connected.")
    {
    }
}

/// <summary>The client lost its connection while a call waited for an answer.</summary>
public sealed class MqttClientDisconnectedException : MqttCommunicationException
{
    public MqttClientDisconnectedException(Exception? innerException)
        : base("The MQTT client is disconnected.", innerException)
    {
    }
}
