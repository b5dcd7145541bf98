using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Redis;

/// <summary>The RedisInsight page in a container.</summary>
public class RedisInsightResource(string name) : ContainerResource(name)
{
    /// <summary>Where the page is.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "http");
}
