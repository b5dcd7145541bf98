using System.Net.Http.Json;
using Aspire.Hosting.Testing;

namespace Aspire.Hosting.Tests;

/// <summary>An AppHost's own Main under test, with a project it starts.</summary>
public sealed class TestingBuilderTests
{
    [Fact]
    public async Task A_project_starts_on_a_free_port_with_its_launch_profile()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<HostFixture.Entry>([], Apps.Soon());
        await using var app = await builder.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", Apps.Soon());
        using var client = app.CreateHttpClient("service", "http");
        Assert.NotEqual(24321, client.BaseAddress!.Port);
        var environment = await client.GetFromJsonAsync<Dictionary<string, string>>("/env", Apps.Soon());
        Assert.Equal("yes", environment!["FROM_PROFILE"]);
        Assert.Equal("Development", environment["DOTNET_ENVIRONMENT"]);
        Assert.Equal($"http://localhost:{client.BaseAddress.Port}", environment["ASPNETCORE_URLS"]);
        Assert.Equal($"{app.GetEndpoint("service", "extra").Port}", environment["EXTRA_PORT"]);
        Assert.Equal("service", environment["OTEL_SERVICE_NAME"]);
        Assert.Equal(["--role=service", "--note=two words"], (await client.GetFromJsonAsync<string[]>("/args", Apps.Soon()))!);
        await app.StopAsync(Apps.Soon());
    }

    [Fact]
    public async Task Each_replica_listens_on_a_port_of_its_own()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<HostFixture.Entry>(["--replicas=2"], Apps.Soon());
        await using var app = await builder.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", Apps.Soon());
        var ports = builder.Resources.OfType<ProjectResource>().Single().Annotations.OfType<EndpointAnnotation>().Single(e => e.Name == "http").ReplicaPorts;
        Assert.Equal(2, ports.Distinct().Count());
        Assert.Equal(ports[0], app.GetEndpoint("service", "http").Port);
        using var client = new HttpClient();
        var ids = new HashSet<string>();
        foreach (var port in ports)
        {
            var environment = await client.GetFromJsonAsync<Dictionary<string, string>>($"http://localhost:{port}/env", Apps.Soon());
            Assert.Equal($"http://localhost:{port}", environment!["ASPNETCORE_URLS"]);
            ids.Add(environment["OTEL_RESOURCE_ATTRIBUTES"]);
        }
        Assert.Equal(2, ids.Count);
    }

    [Fact]
    public async Task The_test_may_change_the_resources_and_settings_before_they_start()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<HostFixture.Entry>(
            ["--tree-only=true"], (_, settings) => settings.ApplicationName = "Renamed", Apps.Soon());
        Assert.Equal("Renamed", builder.Environment.ApplicationName);
        Assert.Equal("Development", builder.Environment.EnvironmentName);
        builder.AddScript("extra", "sleep 1000");
        await using var app = await builder.BuildAsync(Apps.Soon());
        Assert.Throws<InvalidOperationException>(() => app.GetEndpoint("extra"));
        await app.StartAsync(Apps.Soon());
        await app.ReachesAsync("extra", KnownResourceStates.Running);
        Assert.Throws<ArgumentException>(() => app.GetEndpoint("nothing"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("extra", Apps.Soon()));
    }

    [Fact]
    public async Task What_is_never_started_can_be_disposed()
    {
        await using var unbuilt = await DistributedApplicationTestingBuilder.CreateAsync<HostFixture.Entry>(["--tree-only=true"], Apps.Soon());
        await using var unstarted = await DistributedApplicationTestingBuilder.CreateAsync<HostFixture.Entry>(["--tree-only=true"], Apps.Soon());
        await using var app = await unstarted.BuildAsync(Apps.Soon());
        Assert.NotEmpty(unbuilt.Resources);
    }

    [Fact]
    public async Task The_failure_of_a_main_is_the_failure_of_the_test()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<HostFixture.Entry>(["--fail=true"], Apps.Soon()));
        Assert.Equal("The fixture was asked to fail.", thrown.Message);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<HostFixture.Entry>(["--build=false"], Apps.Soon()));
    }
}
