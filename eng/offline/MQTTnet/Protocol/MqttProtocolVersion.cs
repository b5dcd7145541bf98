namespace MQTTnet.Formatter;

/// <summary>Protocol versions; the values are the protocol level bytes of CONNECT.</summary>
public enum MqttProtocolVersion
{
    Unknown = 0,
    V310 = 3,
    V311 = 4,
    V500 = 5,
}
