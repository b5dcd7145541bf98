using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Postgres;

/// <summary>The pgweb page in a container.</summary>
public sealed class PgWebContainerResource(string name) : ContainerResource(name)
{
    /// <summary>Where the page is.</summary>
    public EndpointReference PrimaryEndpoint => new(this, "http");
}
