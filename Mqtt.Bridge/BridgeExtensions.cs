using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.HomeAssistant;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Listener;
using Mqtt.Bridge.Outbound;
using Mqtt.Bridge.Upstream;
using MQTTnet.Server;
using ServiceDefaults;
using Taproom;

namespace Mqtt.Bridge;

/// <summary>Registers what takes messages from taps and what tells them something.</summary>
internal static class BridgeExtensions
{
    /// <summary>One query at a time is asked of Postgres, and another while the first connection is broken.</summary>
    private const int DatabaseConnections = 2;

    /// <summary>Adds the MQTT listener with its health check <c>mqtt</c>, the intake behind it, the upstream broker, and what taps are told.</summary>
    public static void AddMqttBridge(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddStartLine(Settings);
        services.AddValidated<IntakeOptions, IntakeOptionsValidator>(IntakeOptions.SectionName);
        services.AddSingleton<BridgeMetrics>();
        services.AddSingleton<UnreleasedMessages>();
        services.AddSingleton<MessageIntake>();

        services.AddValidated<MqttListenerOptions, MqttListenerOptionsValidator>(MqttListenerOptions.SectionName);
        services.AddSingleton<ClientRegistry>();
        services.AddSingleton<RateLimit>();
        services.AddSingleton<ReaderAccount>();
        services.AddSingleton<Authorization>();
        services.AddSingleton<TokenCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<TokenCheck>());

        services.AddConnections();
        services.AddSingleton<MqttServerLog>();
        services.AddSingleton<TapConnectionHandler>();
        services.AddSingleton(CreateServer);
        services.AddSingleton<ConnectionLimits>();
        services.AddSingleton<KestrelListener>();
        services.AddSingleton<TapStatusUpdates>();
        services.AddSingleton<NoticeListeners>();
        services.AddSingleton<ListenerAnnouncements>();
        services.AddSingleton<IRetainedPublisher>(provider => provider.GetRequiredService<ListenerAnnouncements>());
        services.AddSingleton<ServerEvents>();
        services.AddSingleton<MqttListener>();
        services.AddSingleton<ITapPublisher, ListenerPublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<MqttListener>());

        builder.AddUpstream();

        services.AddSingleton<PresenceRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<PresenceRelay>());
        services.AddHostedService<ReceiptRelay>();
        services.AddSingleton(provider => new ListenerGate(NoticeRelay.Linger, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<NoticeRelay>();
        services.AddHostedService<CommandRelay>();
        builder.AddHomeAssistant();
        services.AddHealthChecks().AddCheck<MqttListener>("mqtt");
    }

    /// <summary>Maps MQTT over WebSocket, <c>/mqtt</c> with sub-protocol <c>mqtt</c> (MQTT 5, section 6), among the HTTP endpoints.</summary>
    public static void MapMqtt(this IEndpointRouteBuilder endpoints)
    {
        var limits = endpoints.ServiceProvider.GetRequiredService<ConnectionLimits>();
        var options = new HttpConnectionDispatcherOptions
        {
            Transports = HttpTransportType.WebSockets,
            TransportSendTimeout = endpoints.ServiceProvider.GetRequiredService<IOptions<MqttListenerOptions>>().Value.CommunicationTimeout,
        };
        options.WebSockets.CloseTimeout = ConnectionLimits.CloseTimeout;
        options.WebSockets.SubProtocolSelector = offered => offered.Contains("mqtt") ? "mqtt" : null!;
        // What long polling begins with; a connection that was only announced would wait for a time.
        endpoints.Map("/mqtt/negotiate", () => TypedResults.NotFound()).WithOrder(-1);
        endpoints
            .MapConnections("/mqtt", options, connection => connection.Use(limits.LimitAddresses).UseConnectionHandler<TapConnectionHandler>())
            .Add(endpoint =>
            {
                var connections = endpoint.RequestDelegate!;
                var sockets = endpoints.CreateApplicationBuilder();
                sockets.UseWebSockets().Use(BinaryWebSocket.AcceptAsync).Run(connections);
                endpoint.RequestDelegate = sockets.Build();
            });
    }

    /// <summary>Adds the broker that the bridge joins, with its health check <c>upstream</c>, where one is named.</summary>
    private static void AddUpstream(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidated<UpstreamOptions, UpstreamOptionsValidator>(UpstreamOptions.SectionName);
        if (builder.Configuration[$"{UpstreamOptions.SectionName}:{nameof(UpstreamOptions.Upstream)}"] is not { Length: > 0 } broker)
        {
            return;
        }

        services.AddSingleton(_ =>
            MqttAddress.Parse(broker)
            ?? throw new InvalidOperationException("Mqtt:Upstream must be mqtt(s)://user:password@host:port, with user and password percent-encoded.")
        );
        services.AddSingleton<UpstreamLead>();
        services.AddSingleton<UpstreamTaps>();
        services.AddSingleton<UpstreamStatus>();
        services.AddSingleton<RetainedReports>();
        services.AddSingleton<UpstreamPublisher>();
        services.AddSingleton<ITapPublisher>(provider => provider.GetRequiredService<UpstreamPublisher>());
        services.AddSingleton<UpstreamBroker>();
        services.AddHostedService(provider => provider.GetRequiredService<UpstreamBroker>());
        services.AddSingleton<AnnouncedTopics>();
        services.AddSingleton<UpstreamAnnouncements>();
        services.AddSingleton<IRetainedPublisher>(provider => provider.GetRequiredService<UpstreamAnnouncements>());
        services.AddHostedService(provider => provider.GetRequiredService<UpstreamAnnouncements>());
        services.AddHealthChecks().AddCheck<UpstreamBroker>("upstream");
    }

    private static void AddHomeAssistant(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidated<HomeAssistantOptions, HomeAssistantOptionsValidator>(HomeAssistantOptions.SectionName);
        if (!builder.Configuration.GetValue<bool>($"{HomeAssistantOptions.SectionName}:{nameof(HomeAssistantOptions.Enabled)}"))
        {
            return;
        }

        // Taps are served without Postgres, so the bridge is healthy without it.
        builder.AddPourStore(connection => connection.MaxPoolSize = DatabaseConnections, isNeeded: false);
        services.AddSingleton<TapFiguresQuery>();
        services.AddHostedService<TapAnnouncer>();
    }

    private static IEnumerable<(string Name, object? Value)> Settings(IServiceProvider services)
    {
        var listener = services.GetRequiredService<IOptions<MqttListenerOptions>>().Value;
        var upstream = services.GetRequiredService<IOptions<UpstreamOptions>>().Value.Upstream;
        return
        [
            .. StoreSettings.OfStream(services),
            ("mqtt port", listener.Port),
            ("tls port", listener.HasTls ? listener.TlsPort : null),
            ("anonymous taps", listener.AllowAnonymous ? "allowed" : "refused"),
            ("connections up to", listener.MaxConnections),
            ("upstream broker", string.IsNullOrEmpty(upstream) ? null : StartLineExtensions.AddressOf(upstream)),
        ];
    }

    private static MqttServer CreateServer(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<MqttListenerOptions>>().Value;
        var factory = new MqttServerFactory(services.GetRequiredService<MqttServerLog>());
        return factory.CreateMqttServer(
            factory
                .CreateServerOptionsBuilder()
                .WithDefaultCommunicationTimeout(options.CommunicationTimeout)
                .WithMaxPendingMessagesPerClient(options.MaxPendingMessages)
                .Build(),
            [services.GetRequiredService<TapConnectionHandler>()]
        );
    }
}
