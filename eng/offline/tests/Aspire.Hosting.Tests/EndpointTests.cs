using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Tests;

/// <summary>Ports.</summary>
public sealed class EndpointTests
{
    [Fact]
    public async Task A_declared_port_is_the_resources_own()
    {
        var port = FreePort();
        await using var builder = Apps.Create("--DcpPublisher:RandomizePorts=false");
        var job = builder.AddScript("job", "echo $PORT").WithEndpoint(port: port, name: "tcp", scheme: "tcp", env: "PORT");
        await using var app = await builder.StartAsync();
        Assert.Contains($"{port}", await app.OutputAsync(job));
        Assert.Equal($"tcp://localhost:{port}", job.GetEndpoint("tcp").Url);
    }

    [Fact]
    public async Task Under_test_a_declared_port_gives_way_to_a_free_one_unless_there_is_no_proxy()
    {
        var (declared, fixedPort) = (FreePort(), FreePort());
        await using var builder = Apps.Create();
        var job = builder.AddScript("job", "sleep 1000")
            .WithEndpoint(port: declared, name: "a", scheme: "tcp")
            .WithEndpoint(port: fixedPort, name: "b", scheme: "tcp", isProxied: false);
        await using var app = await builder.StartAsync();
        Assert.NotEqual(declared, job.GetEndpoint("a").Port);
        Assert.Equal(fixedPort, job.GetEndpoint("b").Port);
    }

    [Fact]
    public async Task Arguments_take_parts_of_endpoints()
    {
        await using var builder = Apps.Create();
        var job = builder.AddExecutable("job", "/bin/sh", "/", "-c", "echo $0 $1 $2 $3").WithEndpoint(name: "tcp", scheme: "tcp");
        var endpoint = job.GetEndpoint("tcp");
        job.WithArgs(context =>
        {
            context.Args.Add(endpoint.Property(EndpointProperty.TargetPort));
            context.Args.Add(endpoint.Property(EndpointProperty.Host));
            context.Args.Add(ReferenceExpression.Create($"<{endpoint}>"));
            context.Args.Add(5);
        });
        await using var app = await builder.StartAsync();
        Assert.Contains($"{endpoint.Port} localhost <tcp://localhost:{endpoint.Port}> 5", await app.OutputAsync(job));
    }

    [Fact]
    public async Task An_endpoint_without_a_proxy_needs_a_port()
    {
        await using var builder = Apps.Create();
        builder.AddScript("job", "true").WithEndpoint(name: "tcp", scheme: "tcp", isProxied: false);
        var ex = await Assert.ThrowsAsync<InvalidOperationException>(builder.StartAsync);
        Assert.Contains("needs to specify a port for endpoint 'tcp'", ex.Message);
    }

    [Fact]
    public async Task A_port_that_differs_from_the_target_port_takes_the_real_packages()
    {
        await using var builder = Apps.Create("--DcpPublisher:RandomizePorts=false");
        builder.AddScript("job", "true").WithEndpoint(port: 1234, targetPort: 1235, name: "tcp");
        var ex = await Assert.ThrowsAsync<NotSupportedException>(builder.StartAsync);
        Assert.Contains("stand-in", ex.Message);
    }

    [Fact]
    public async Task Endpoint_names_are_used_once_and_can_be_changed()
    {
        await using var builder = Apps.Create();
        var job = builder.AddScript("job", "true").WithHttpEndpoint(name: "http");
        Assert.Throws<DistributedApplicationException>(() => job.WithHttpEndpoint(name: "HTTP"));
        job.WithEndpoint("http", e => e.Port = 5080).WithEndpoint("other", e => e.Port = 1, createIfNotExists: false);
        Assert.Equal(5080, Assert.Single(job.Resource.Annotations.OfType<EndpointAnnotation>()).Port);
        Assert.Throws<InvalidOperationException>(() => job.GetEndpoint("http").Port);
        Assert.False(job.GetEndpoint("other").Exists);
    }

    [Fact]
    public async Task Urls_are_shown_as_their_callbacks_say()
    {
        await using var builder = Apps.Create();
        var job = builder.AddScript("job", "sleep 1000").WithHttpEndpoint(name: "http")
            .WithUrlForEndpoint("http", url => (url.Url, url.DisplayText) = ("/api", "Swagger UI"))
            .WithUrl("http://elsewhere/", "Elsewhere");
        await using var app = await builder.StartAsync();
        var shown = await app.ResourceNotifications.WaitForResourceAsync("job", e => e.Snapshot.Urls.Length == 2, Apps.Soon());
        Assert.Equal([$"{job.GetEndpoint("http").Url}/api", "http://elsewhere/"], shown.Snapshot.Urls.Select(u => u.Url));
        Assert.Equal("Swagger UI", shown.Snapshot.Urls[0].DisplayProperties.DisplayName);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
