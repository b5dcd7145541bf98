using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Taproom;

namespace Dashboard.Web.Access;

/// <summary>Puts signing in together.</summary>
internal static class AccessExtensions
{
    /// <summary>Name of the cookie of who has signed in.</summary>
    public const string SessionCookie = "taproom-session";

    private static readonly TimeSpan ApiTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds the cookie, and the client with which pages call Ingest.Api as their visitor.</summary>
    public static void AddAccess(this IServiceCollection services)
    {
        services
            .AddHttpClient(
                TaproomApi.ClientName,
                client =>
                {
                    client.BaseAddress = new Uri("https+http://ingest-api");
                    client.Timeout = ApiTimeout;
                }
            )
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
            .RemoveAllLoggers();
        services.AddMemoryCache();
        // Before the framework's own, so that everything is encrypted with these: sessions, antiforgery tokens, the state of prerendered pages.
        services.AddSingleton<SharedKeys>();
        services.AddSingleton<IDataProtectionProvider>(provider => provider.GetRequiredService<SharedKeys>());
        services.AddHealthChecks().AddCheck<SharedKeys>("keys");
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "taproom-antiforgery");
        services.AddSingleton<VisitorAddress>();
        services.AddSingleton<SessionCheck>();
        services.AddScoped<SignIn>();
        services.AddScoped<SessionRenewal>();
        services.AddScoped<TaproomApi>();

        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        services
            .AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure(cookie =>
            {
                cookie.Cookie.Name = SessionCookie;
                cookie.Cookie.HttpOnly = true;
                // Not Strict: a link in a message would open a page that takes its reader for somebody else.
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                cookie.SlidingExpiration = false;
                cookie.LoginPath = "/sign-in";
                cookie.AccessDeniedPath = "/not-allowed";
                cookie.Events.OnValidatePrincipal = SessionCheck.ValidateAsync;
                cookie.Events.OnRedirectToLogin = UnknownVisitor.OrTo(cookie.Events.OnRedirectToLogin);
            });
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
    }
}
