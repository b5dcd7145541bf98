using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>Healthy when every copy of a resource answers a GET with the expected status.</summary>
internal sealed class HttpEndpointHealthCheck(IHttpClientFactory clients, EndpointReference endpoint, string path, int statusCode) : IHealthCheck
{
    public const string ClientName = "Aspire.Hosting.HealthChecks";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!endpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy("The endpoint has no port yet.");
        }
        using var client = clients.CreateClient(ClientName);
        client.Timeout = Timeout;
        foreach (var port in Ports())
        {
            var uri = new Uri(new Uri($"{endpoint.Scheme}://{endpoint.Host}:{port}"), path);
            try
            {
                using var response = await client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if ((int)response.StatusCode != statusCode)
                {
                    return HealthCheckResult.Unhealthy($"{uri} answered {(int)response.StatusCode} instead of {statusCode}.");
                }
            }
            catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                return HealthCheckResult.Unhealthy($"{uri} does not answer.", ex);
            }
        }
        return HealthCheckResult.Healthy();
    }

    private IReadOnlyList<int> Ports() => endpoint.EndpointAnnotation.ReplicaPorts is { Count: > 0 } ports ? ports : [endpoint.Port];
}
