using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Taproom.Api;

/// <summary>Health in the words that clients of the activity service know.</summary>
internal static class HealthzApi
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Maps <c>GET /api/healthz</c>: 200 <c>{"status":"healthy"}</c>, or 503 when Redis or Postgres is away.</summary>
    public static void MapHealthz(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/healthz", GetHealth).WithTags("Health").WithName("GetHealth")
            .WithSummary("Tells whether Redis and Postgres answer.").Produces<Health>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> GetHealth(
        HealthCheckService checks, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var report = await checks.CheckHealthAsync(either.Token).WaitAsync(either.Token);
            if (report.Status is HealthStatus.Healthy)
            {
                return TypedResults.Ok(new Health("healthy"));
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // A server that does not answer in time is no healthier than one that refuses.
        }

        return TypedResults.Json(new Health("unhealthy"), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private sealed record Health(string Status);
}
