using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Makes the resource healthy only when a health check of the AppHost says so.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="key">Name the check is registered under in the AppHost's services.</param>
    /// <exception cref="DistributedApplicationException">The resource has that check already.</exception>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key) where T : IResource
    {
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(c => c.Key == key))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' already has a health check with key '{key}'.");
        }
        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Makes the resource healthy only when a GET answers with a status.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">Path; <c>/</c> when null.</param>
    /// <param name="statusCode">Status that is healthy; 200 when null.</param>
    /// <param name="endpointName">Endpoint to ask; <c>http</c>, else <c>https</c>, else the first, when null.</param>
    /// <exception cref="DistributedApplicationException">The resource has no such endpoint, or one that speaks no http.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null) where T : IResourceWithEndpoints =>
        builder.WithHttpHealthCheck(endpointName is null ? null : () => builder.GetEndpoint(endpointName), path, statusCode);

    /// <summary>Makes the resource healthy only when a GET answers with a status.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointSelector">Endpoint to ask; <c>http</c>, else <c>https</c>, else the first, when null.</param>
    /// <param name="path">Path; <c>/</c> when null.</param>
    /// <param name="statusCode">Status that is healthy; 200 when null.</param>
    /// <exception cref="DistributedApplicationException">The resource has no such endpoint, or one that speaks no http.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = endpointSelector?.Invoke() ?? DefaultEndpoint(builder.Resource);
        if (endpoint is not { Exists: true } || endpoint.Scheme is not ("http" or "https"))
        {
            throw new DistributedApplicationException(
                $"Could not create HTTP health check for resource '{builder.Resource.Name}' as it has no http or https endpoint{(endpoint is null ? "" : $" named '{endpoint.EndpointName}'")}.");
        }
        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path ?? "/"}_{statusCode ?? 200}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new HttpEndpointHealthCheck(services.GetRequiredService<IHttpClientFactory>(), endpoint, path ?? "/", statusCode ?? 200),
            HealthStatus.Unhealthy, tags: null));
        return builder.WithHealthCheck(key);
    }

    private static EndpointReference? DefaultEndpoint(IResourceWithEndpoints resource)
    {
        EndpointReference[] endpoints = [.. resource.GetEndpoints()];
        return Array.Find(endpoints, e => e.EndpointName == "http")
            ?? Array.Find(endpoints, e => e.EndpointName == "https")
            ?? endpoints.FirstOrDefault();
    }
}
