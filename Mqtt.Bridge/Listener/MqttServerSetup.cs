using Microsoft.Extensions.Options;
using Mqtt.Bridge.Connections;
using MQTTnet.Server;

namespace Mqtt.Bridge.Listener;

/// <summary>Makes the MQTT server as the options say.</summary>
internal static class MqttServerSetup
{
    /// <summary>The server; it listens through the <see cref="TcpFrontDoor"/> only.</summary>
    public static MqttServer CreateServer(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<MqttListenerOptions>>().Value;
        var factory = new MqttServerFactory(services.GetRequiredService<MqttServerLog>());
        return factory.CreateMqttServer(
            factory
                .CreateServerOptionsBuilder()
                .WithDefaultCommunicationTimeout(options.CommunicationTimeout)
                .WithMaxPendingMessagesPerClient(options.MaxPendingMessages)
                .Build(),
            [services.GetRequiredService<TcpFrontDoor>()]
        );
    }
}
