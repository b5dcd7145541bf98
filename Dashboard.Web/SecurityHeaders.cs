using Dashboard.Web.Board;
using Dashboard.Web.Components;
using Microsoft.Extensions.Options;

namespace Dashboard.Web;

/// <summary>What a browser may do with the pages, and the pages themselves.</summary>
internal static class SecurityHeaders
{
    /// <summary>
    /// Everything comes from here: no script or font of another site, and pictures, which beverages may name, over TLS only. Components set
    /// inline style attributes, hence <c>style-src-attr</c>; script is never inline.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: https:; font-src 'self'; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Sets the headers on every answer.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var headers = context.Response.Headers;
                headers.ContentSecurityPolicy = ContentSecurityPolicy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()";
                headers["Cross-Origin-Opener-Policy"] = "same-origin";
                return next(context);
            }
        );

    /// <summary>Maps the pages; the framework's own frame policy is off, because the headers above have a stricter one.</summary>
    public static void MapPages(this IEndpointRouteBuilder routes) =>
        routes
            .MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .ForThoseWhoMayLook(routes.ServiceProvider);

    /// <summary>Asks for signing in where that is set; a page says so itself when it is for everybody or for fewer.</summary>
    public static void ForThoseWhoMayLook<TBuilder>(this TBuilder endpoints, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder
    {
        if (services.GetRequiredService<IOptions<DashboardOptions>>().Value.SignInToView)
        {
            endpoints.RequireAuthorization();
        }
    }
}
