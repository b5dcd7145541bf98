using System.Globalization;
using MQTTnet.Diagnostics.Logger;

namespace Mqtt.Bridge.Listener;

/// <summary>Passes on what the MQTT server has to say: its errors as warnings, since each concerns one connection; the rest at Debug.</summary>
internal sealed partial class MqttServerLog(ILogger<MqttServerLog> logger) : IMqttNetLogger
{
    /// <inheritdoc />
    public bool IsEnabled => true;

    /// <inheritdoc />
    public void Publish(MqttNetLogLevel logLevel, string source, string message, object?[]? parameters, Exception? exception)
    {
        // Two lines for every packet are more than even Debug should hold.
        if (logLevel is MqttNetLogLevel.Verbose)
        {
            return;
        }

        var level = logLevel is MqttNetLogLevel.Error ? LogLevel.Warning : LogLevel.Debug;
        if (logger.IsEnabled(level))
        {
            var text = parameters is { Length: > 0 } ? string.Format(CultureInfo.InvariantCulture, message, parameters) : message;
            LogSaid(level, text, exception?.Message);
        }
    }

    [LoggerMessage("MQTT server: {Text} {Cause}")]
    private partial void LogSaid(LogLevel level, string text, string? cause);
}
