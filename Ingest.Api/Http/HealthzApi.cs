using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServiceDefaults;

namespace Ingest.Api.Http;

/// <summary>Health in the words that clients of the activity service know.</summary>
internal static class HealthzApi
{
    /// <summary>Maps <c>GET /api/healthz</c>: 200 <c>{"status":"healthy"}</c>, or 503 when Redis or Postgres is away.</summary>
    public static void MapHealthz(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/api/healthz", GetHealth)
            .WithTags("Health")
            .WithName("GetHealth")
            .WithSummary("Tells whether Redis and Postgres answer.")
            .Produces<Health>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> GetHealth(
        HealthCheckService checks,
        TimeProvider time,
        CancellationToken cancellationToken
    ) =>
        await checks.ReadinessAsync(time, cancellationToken) is not HealthStatus.Unhealthy
            ? TypedResults.Ok(new Health("healthy"))
            : TypedResults.Json(new Health("unhealthy"), statusCode: StatusCodes.Status503ServiceUnavailable);

    internal sealed record Health(string Status);
}
