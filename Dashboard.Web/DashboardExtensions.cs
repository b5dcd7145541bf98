using Dashboard.Web.Access;
using Dashboard.Web.Board;
using Dashboard.Web.Components.Beverages;
using Dashboard.Web.Components.Common;
using Dashboard.Web.Components.History;
using Dashboard.Web.Components.Kegs;
using Dashboard.Web.Components.Pours;
using Dashboard.Web.Components.Stats;
using Dashboard.Web.Components.Taps;
using Dashboard.Web.Feed;
using Dashboard.Web.Push;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom;

namespace Dashboard.Web;

/// <summary>Puts the dashboard together.</summary>
internal static class DashboardExtensions
{
    /// <summary>Listeners of the hub send a handshake, pings, and the numbers of the taps that they follow.</summary>
    private const int MaxListenerMessageBytes = 8 * 1024;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Adds the board, the feeds that fill it, the hub and the pages.</summary>
    public static void AddDashboard(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddStartLine(Settings);
        services.AddValidated<DashboardOptions, DashboardOptionsValidator>(DashboardOptions.SectionName);
        services.AddOptions<TraceLinkOptions>().BindConfiguration(TraceLinkOptions.SectionName);
        // A page whose connection ends comes back at once, and would hold up a server that waits for all to be gone.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);

        services.AddSingleton<LiveBoard>();
        services.AddScoped<StoredBoardQuery>();
        services.AddSingleton<PourHistory>();
        services.AddSingleton<EntryHistory>();
        services.AddSingleton<TapHistory>();
        services.AddSingleton<KegBook>();
        services.AddSingleton<BeverageBook>();
        services.AddSingleton<TapSetup>();
        services.AddSingleton<UnaccountedNow>();
        services.AddSingleton<Statistics>();
        services.AddSingleton<StreamFeed>();
        services.AddSingleton<StoreFeed>();
        services.AddSingleton<PresenceFeed>();
        services.AddSingleton<FactsFeed>();
        services.AddScoped<TapFactsQuery>();
        services.AddSingleton(provider => new ListenerGate(
            provider.GetRequiredService<IOptions<DashboardOptions>>().Value.Linger,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddHostedService<BoardFeed>();

        services.AddSignalR().AddHubOptions<PoursHub>(hub => hub.MaximumReceiveMessageSize = MaxListenerMessageBytes);
        services.AddSingleton<PushMetrics>();
        services.AddSingleton<PoursListeners>();
        services.AddSingleton<MissedPours>();
        services.AddSingleton<HubLifetimeManager<PoursHub>>(provider => provider.GetRequiredService<PoursListeners>());

        services.AddValidated<VenueOptions, VenueOptionsValidator>(VenueOptions.SectionName);
        services.AddScoped<Units>();
        // Static files are compressed when they are built. Over HTTPS too: what must stay secret in a page, its antiforgery tokens and the state of
        // its components, is encrypted anew for each answer, so sizes tell nobody anything, and no other site's request comes with the session.
        services.AddResponseCompression(compression => (compression.EnableForHttps, compression.MimeTypes) = (true, ["text/html"]));
        services.AddLocalization();
        services.Configure<RequestLocalizationOptions>(Languages.Configure);
        services.AddAccess();
        services.AddRazorComponents().AddInteractiveServerComponents();
    }

    private static IEnumerable<(string Name, object? Value)> Settings(IServiceProvider services) =>
        [
            .. StoreSettings.OfStream(services),
            .. StoreSettings.OfStore(services),
            ("compared with postgres every", services.GetRequiredService<IOptions<DashboardOptions>>().Value.ReconcileInterval),
            ("sign in to view", services.GetRequiredService<IOptions<DashboardOptions>>().Value.SignInToView ? "yes" : "no"),
            ("links to traces", services.GetRequiredService<IOptions<TraceLinkOptions>>().Value.Address),
        ];

    /// <summary>Maps the hub. Who connects is answered when it misses nothing more; while Redis is away it is not kept waiting for long.</summary>
    public static void MapPoursHub(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.MapHub<PoursHub>(PoursHub.Path);
        endpoints.ForThoseWhoMayLook(routes.ServiceProvider);
        endpoints.Add(endpoint =>
        {
            var hub = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = async context =>
            {
                // The request of a WebSocket lasts as long as its connection.
                using var listening = context.RequestServices.GetRequiredService<ListenerGate>().Enter();
                await listening.Ready.WaitAsync(Deadlines.Answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await hub(context);
            };
        });
    }
}
