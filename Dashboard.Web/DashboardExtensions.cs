using Dashboard.Web.Board;
using Dashboard.Web.Feed;
using Dashboard.Web.Push;
using Microsoft.AspNetCore.SignalR;
using ServiceDefaults;

namespace Dashboard.Web;

/// <summary>Puts the dashboard together.</summary>
internal static class DashboardExtensions
{
    /// <summary>Listeners of the hub send a handshake and pings, nothing else.</summary>
    private const int MaxListenerMessageBytes = 1024;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Adds the board, the feeds that fill it, the hub and the pages.</summary>
    public static void AddDashboard(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidated<DashboardOptions, DashboardOptionsValidator>(DashboardOptions.SectionName);
        // A page whose connection ends comes back at once, and would hold up a server that waits for all to be gone.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);

        services.AddSingleton<LiveBoard>();
        services.AddScoped<StoredBoardQuery>();
        services.AddSingleton<StreamFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<StreamFeed>());
        services.AddHostedService<StoreFeed>();
        services.AddHostedService<PresenceFeed>();

        services.AddSignalR().AddHubOptions<PoursHub>(hub => hub.MaximumReceiveMessageSize = MaxListenerMessageBytes);
        services.AddSingleton<PushMetrics>();
        services.AddSingleton<PoursListeners>();
        services.AddSingleton<HubLifetimeManager<PoursHub>>(provider => provider.GetRequiredService<PoursListeners>());

        services.AddRazorComponents().AddInteractiveServerComponents();
    }
}
