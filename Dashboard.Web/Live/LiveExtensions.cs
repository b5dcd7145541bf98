using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Dashboard.Web.Live;

/// <summary>Registers and maps the live feed.</summary>
internal static class LiveExtensions
{
    /// <summary>Listeners send a handshake and pings, nothing else.</summary>
    private const int MaxListenerMessageBytes = 1024;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Adds the boards, what fills them, and the hub with its listeners.</summary>
    public static void AddLiveFeed(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<DashboardOptions, DashboardOptionsValidator>(DashboardOptions.SectionName);
        // A page whose connection ends comes back at once, and would hold up a server that waits for all to be gone.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSignalR().AddHubOptions<PoursHub>(hub => hub.MaximumReceiveMessageSize = MaxListenerMessageBytes);
        builder.Services.AddSingleton<LiveMetrics>();
        builder.Services.AddSingleton<PoursListeners>();
        builder.Services.AddSingleton<HubLifetimeManager<PoursHub>>(services => services.GetRequiredService<PoursListeners>());

        builder.Services.AddSingleton<TapBoard>();
        builder.Services.AddSingleton<EntryBoard>();
        builder.Services.AddScoped<StoredBoardQuery>();
        builder.Services.AddScoped<StoredEntriesQuery>();
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LiveFeed>());
        builder.Services.AddHostedService<StoreReconciler>();
        builder.Services.AddHostedService<PresenceWatch>();
    }
}
