using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults;

/// <summary>What every Taproom service has in common: telemetry over OTLP, service discovery and two health endpoints.</summary>
public static class ServiceDefaultsExtensions
{
    private const string HealthPath = "/health";
    private const string AlivePath = "/alive";
    private const string LiveTag = "live";

    /// <summary>Adds traces, metrics and logs, service discovery and a liveness check.</summary>
    /// <param name="builder">The service's host builder, web or worker.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddTelemetry(context => context.Request.Path.Value is HealthPath or AlivePath);
        builder.Services.AddServiceDiscovery();
        // Clients whose calls may be repeated add the standard resilience handler; a poll of a meter may not be.
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (200 <c>Healthy</c> or <c>Degraded</c> when ready for traffic, else 503) and <c>/alive</c> (200 while the
    /// process answers). Both answer one plain word, never details of what they checked.
    /// </summary>
    /// <param name="app">The service.</param>
    /// <returns>The same application.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapGet(HealthPath, GetHealth).DisableHttpMetrics().ExcludeFromDescription();
        app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) }).DisableHttpMetrics();
        return app;
    }

    private static async Task<ContentHttpResult> GetHealth(
        HealthCheckService checks,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var status = await checks.ReadinessAsync(time, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(
            $"{status}",
            statusCode: status is HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK
        );
    }
}
