using Microsoft.Extensions.Options;
using Mqtt.Bridge.Connections;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Listener;
using Mqtt.Bridge.Upstream;
using ServiceDefaults;

namespace Mqtt.Bridge;

/// <summary>Registers what takes messages from taps and gives them receipts.</summary>
internal static class BridgeExtensions
{
    /// <summary>Adds the MQTT listener with its health check <c>mqtt</c>, the intake behind it, and what is told to the taps.</summary>
    public static void AddMqttBridge(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<MqttListenerOptions, MqttListenerOptionsValidator>(MqttListenerOptions.SectionName);
        builder.Services.AddSingleton<BridgeMetrics>();
        builder.Services.AddSingleton<MessageIntake>();
        builder.Services.AddSingleton<ConnectedTaps>();
        builder.Services.AddSingleton<RefusedAddresses>();
        builder.Services.AddSingleton<Admission>();
        builder.Services.AddSingleton<PresenceKeeper>();
        builder.Services.AddSingleton<MqttServerLog>();
        builder.Services.AddSingleton<OpenConnections>();
        builder.Services.AddSingleton<TcpFrontDoor>();
        builder.Services.AddSingleton(MqttServerSetup.CreateServer);
        builder.Services.AddSingleton<Reception>();
        builder.Services.AddSingleton<Attendance>();
        builder.Services.AddSingleton<MqttListener>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MqttListener>());
        builder.Services.AddHostedService(services => services.GetRequiredService<PresenceKeeper>());
        builder.Services.AddHostedService<TokenWatch>();
        builder.Services.AddHostedService<ReceiptRelay>();
        builder.Services.AddHostedService<NoticeRelay>();
        builder.Services.AddHostedService<CommandRelay>();
        builder.Services.AddValidated<UpstreamOptions, UpstreamOptionsValidator>(UpstreamOptions.SectionName);
        builder.Services.AddSingleton<UpstreamLead>();
        builder.Services.AddSingleton<UpstreamTaps>();
        builder.Services.AddSingleton<UpstreamStatus>();
        builder.Services.AddSingleton<UpstreamOutbox>();
        builder.Services.AddSingleton<UpstreamBroker>();
        builder.Services.AddHostedService<UpstreamCommands>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UpstreamBroker>());
        builder.Services.AddHealthChecks().AddCheck<MqttListener>("mqtt").AddCheck<UpstreamBroker>("upstream");
    }
}
