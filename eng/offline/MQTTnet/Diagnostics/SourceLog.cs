namespace MQTTnet.Diagnostics.Logger;

/// <summary>A logger bound to the name of the class that logs.</summary>
internal sealed class SourceLog(IMqttNetLogger logger, string source)
{
    public void Info(string message, params object[] parameters) => Write(MqttNetLogLevel.Info, null, message, parameters);

    public void Warning(Exception? exception, string message, params object[] parameters) => Write(MqttNetLogLevel.Warning, exception, message, parameters);

    public void Error(Exception exception, string message, params object[] parameters) => Write(MqttNetLogLevel.Error, exception, message, parameters);

    private void Write(MqttNetLogLevel level, Exception? exception, string message, object[] parameters)
    {
        if (logger.IsEnabled)
        {
            logger.Publish(level, source, message, parameters, exception);
        }
    }
}
