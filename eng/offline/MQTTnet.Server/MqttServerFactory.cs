using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server.Running;

namespace MQTTnet.Server;

/// <summary>Makes servers and builders.</summary>
public sealed class MqttServerFactory
{
    public MqttServerFactory()
        : this(MqttNetNullLogger.Instance)
    {
    }

    public MqttServerFactory(IMqttNetLogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        DefaultLogger = logger;
    }

    public IMqttNetLogger DefaultLogger { get; }

    public IDictionary<object, object> Properties { get; } = new Dictionary<object, object>();

    public MqttApplicationMessageBuilder CreateApplicationMessageBuilder() => new();

    public MqttServer CreateMqttServer(MqttServerOptions options) => CreateMqttServer(options, DefaultLogger);

    public MqttServer CreateMqttServer(MqttServerOptions options, IMqttNetLogger logger) => CreateMqttServer(options, [new TcpServerAdapter()], logger);

    public MqttServer CreateMqttServer(MqttServerOptions options, IEnumerable<IMqttServerAdapter> serverAdapters) =>
        CreateMqttServer(options, serverAdapters, DefaultLogger);

    public MqttServer CreateMqttServer(MqttServerOptions options, IEnumerable<IMqttServerAdapter> serverAdapters, IMqttNetLogger logger) =>
        new(options, serverAdapters, logger);

    public MqttServerClientDisconnectOptionsBuilder CreateMqttServerClientDisconnectOptionsBuilder() => new();

    public MqttServerStopOptionsBuilder CreateMqttServerStopOptionsBuilder() => new();

    public MqttServerOptionsBuilder CreateServerOptionsBuilder() => new();
}
