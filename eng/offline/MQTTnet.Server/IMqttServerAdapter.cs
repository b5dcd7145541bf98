using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;

namespace MQTTnet.Server;

/// <summary>Brings network connections to a server.</summary>
public interface IMqttServerAdapter : IDisposable
{
    /// <summary>Serves one connection; set while the server runs.</summary>
    Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    Task StartAsync(MqttServerOptions options, IMqttNetLogger logger);

    Task StopAsync();
}
