using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>The URLs shown for a resource.</summary>
internal static class ResourceUrls
{
    /// <summary>One URL for each endpoint, then what the callbacks make of them.</summary>
    public static async Task<ImmutableArray<UrlSnapshot>> CollectAsync(
        IResourceWithEndpoints resource, IServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        List<ResourceUrlAnnotation> urls =
            [.. resource.GetEndpoints().Where(e => e.IsAllocated).Select(e => new ResourceUrlAnnotation { Url = e.Url, Endpoint = e })];
        var context = new ResourceUrlsCallbackContext(
            services.GetRequiredService<DistributedApplicationExecutionContext>(), resource, urls, cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }
        foreach (var url in urls)
        {
            // A path alone is meant to follow the endpoint's address.
            if (url.Url.StartsWith('/') && url.Endpoint is { } endpoint)
            {
                url.Url = endpoint.Url + url.Url;
            }
            resource.Annotations.Add(url);
        }
        return [.. urls.OrderByDescending(u => u.DisplayOrder ?? 0).Select(u => new UrlSnapshot(u.Endpoint?.EndpointName, u.Url, false)
        {
            DisplayProperties = new UrlDisplayPropertiesSnapshot(u.DisplayText ?? "", u.DisplayOrder ?? 0),
        })];
    }
}
