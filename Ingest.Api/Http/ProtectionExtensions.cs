using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom;
using Taproom.Store;

namespace Ingest.Api.Http;

/// <summary>Keeps one caller from taking what is everybody's, and browsers from being used against their owners.</summary>
internal static class ProtectionExtensions
{
    /// <summary>How long a call may take, unless it streams.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    // Swagger UI has inline styles and images, and starts from an inline script; the API's own answers need nothing at all.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds rate limits, timeouts, CORS, and what encrypts secrets.</summary>
    public static void AddProtection(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidated<RateOptions, RateOptionsValidator>(RateOptions.SectionName);

        builder.Services.AddOptions<OriginOptions>().BindConfiguration(OriginOptions.SectionName);
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<OriginOptions>>(AllowOrigins);

        // A secret that has to be used again is encrypted, not hashed; the keys are beside what they encrypt, so that all replicas have them.
        builder.Services.AddDataProtection().SetApplicationName("Taproom").PersistKeysToDbContext<TaproomDb>();

        builder.Services.AddSingleton<VisitorAddress>();
        builder.Services.AddScoped<StorePatience>();
        builder.Services.AddRequestTimeouts(timeouts =>
            timeouts.DefaultPolicy = new()
            {
                Timeout = CallTimeout,
                WriteTimeoutResponse = context => Problems.Unavailable(context, "The call took too long; try again shortly.").ExecuteAsync(context),
            }
        );
    }

    /// <summary>Starts the clock of each call before anything asks a store.</summary>
    public static void UseStorePatience(this WebApplication app) =>
        app.Use(
            static (context, next) =>
            {
                context.RequestServices.GetRequiredService<StorePatience>();
                return next(context);
            }
        );

    /// <summary>Takes a call of the dashboard for one of the browser that it calls for, where the dashboard says which that is.</summary>
    public static void UseVisitorAddresses(this WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<VisitorAddress>();
        app.Use(
            (context, next) =>
            {
                if (context.Request.Headers.TryGetValue(VisitorAddress.Header, out var text) && addresses.Read(text.ToString()) is { } address)
                {
                    context.Connection.RemoteIpAddress = address;
                }

                return next(context);
            }
        );
    }

    /// <summary>Refuses callers that ask too fast. Not by the framework's middleware, which wakes up twenty times a second.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        var rates = app.Services.GetRequiredService<IOptions<RateOptions>>().Value;
        var callers = new TokenBuckets<string>(rates.PerSecond, TimeSpan.FromSeconds(1), Math.Max(rates.Burst, rates.PerSecond));
        app.Use(
            (context, next) =>
            {
                using var lease = callers.Take(Caller(context));
                return lease.IsAcquired ? next(context) : RejectAsync(context, lease);
            }
        );
    }

    /// <summary>Adds the headers that tell browsers what not to do.</summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use(AddHeaders);

    private static Task AddHeaders(HttpContext context, RequestDelegate next)
    {
        // Last of all, because an answer to a failure begins with an empty set.
        context.Response.OnStarting(
            static state =>
            {
                var headers = (IHeaderDictionary)state;
                headers.XContentTypeOptions = "nosniff";
                headers.ContentSecurityPolicy = ContentPolicy;
                headers["Referrer-Policy"] = "no-referrer";
                headers["Cross-Origin-Resource-Policy"] = "same-site";
                return Task.CompletedTask;
            },
            context.Response.Headers
        );
        return next(context);
    }

    // Who has proved to be somebody is that, wherever it calls from; anybody else is an address.
    private static string Caller(HttpContext context) =>
        context.User.FindFirstValue(Callers.TapClaim) is { } tap ? $"tap {tap}"
        : context.User.UserId() is { } user ? $"user {user}"
        : context.User.IsInRole(Roles.Admin) ? Roles.Admin
        : context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static Task RejectAsync(HttpContext context, RateLimitLease lease) => Problems.TooMany(context, lease).ExecuteAsync(context);

    private static void AllowOrigins(CorsOptions cors, IOptions<OriginOptions> origins) =>
        cors.AddDefaultPolicy(policy =>
            policy.WithOrigins(origins.Value.Origins).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders("ETag", "Link", "Location", "Retry-After")
        );
}
