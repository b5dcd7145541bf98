namespace MQTTnet.Diagnostics.Logger;

/// <summary>Severity of a log message.</summary>
public enum MqttNetLogLevel
{
    Verbose,
    Info,
    Warning,
    Error,
}

/// <summary>Receives what the client and the server have to say about themselves.</summary>
public interface IMqttNetLogger
{
    /// <summary>False when nobody listens; callers then skip the work.</summary>
    bool IsEnabled { get; }

    /// <summary>Takes one message; <paramref name="parameters"/> fill the numbered holes of <paramref name="message"/>.</summary>
    void Publish(MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception);
}

/// <summary>Discards everything.</summary>
public sealed class MqttNetNullLogger : IMqttNetLogger
{
    /// <summary>The only instance that is needed.</summary>
    public static MqttNetNullLogger Instance { get; } = new();

    public bool IsEnabled => false;

    public void Publish(MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception)
    {
    }
}

/// <summary>One log message.</summary>
public sealed class MqttNetLogMessage
{
    public Exception? Exception { get; set; }

    public MqttNetLogLevel Level { get; set; }

    public string? LogId { get; set; }

    public string? Message { get; set; }

    public string? Source { get; set; }

    public int ThreadId { get; set; }

    /// <summary>When it was written, in UTC.</summary>
    public DateTime Timestamp { get; set; }

    public override string ToString() => $"[{Timestamp:O}] [{LogId}] [{ThreadId}] [{Source}] [{Level}]: {Message}{(Exception is null ? "" : Environment.NewLine + Exception)}";
}

/// <summary>Carries a log message to a subscriber of <see cref="MqttNetEventLogger"/>.</summary>
public sealed class MqttNetLogMessagePublishedEventArgs(MqttNetLogMessage logMessage) : EventArgs
{
    public MqttNetLogMessage LogMessage { get; } = logMessage ?? throw new ArgumentNullException(nameof(logMessage));
}

/// <summary>Passes log messages on as events.</summary>
public sealed class MqttNetEventLogger(string? logId = null) : IMqttNetLogger
{
    /// <summary>Raised on the thread that logs.</summary>
    public event EventHandler<MqttNetLogMessagePublishedEventArgs>? LogMessagePublished;

    public bool IsEnabled => LogMessagePublished is not null;

    public string? LogId { get; } = logId;

    public void Publish(MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception)
    {
        var handlers = LogMessagePublished;
        if (handlers is null)
        {
            return;
        }

        var logMessage = new MqttNetLogMessage
        {
            LogId = LogId,
            Timestamp = TimeProvider.System.GetUtcNow().UtcDateTime,
            Source = source,
            ThreadId = Environment.CurrentManagedThreadId,
            Level = logLevel,
            Message = parameters is { Length: > 0 } ? string.Format(System.Globalization.CultureInfo.InvariantCulture, message, parameters) : message,
            Exception = exception,
        };
        handlers.Invoke(this, new MqttNetLogMessagePublishedEventArgs(logMessage));
    }
}
