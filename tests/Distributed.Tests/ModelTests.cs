using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;

namespace Distributed.Tests;

/// <summary>What the dashboard shows of the resources, and what it lets people do with them.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class ModelTests(TaproomApp app)
{
    [Theory]
    [InlineData("dashboard-web", "Page", "http://localhost:{0}", "http")]
    [InlineData("ingest-api", "Swagger UI", "http://localhost:{0}/api", "http")]
    [InlineData("mqtt-bridge", "MQTT", "mqtt://localhost:{0}", "mqtt")]
    public void Each_address_that_people_need_has_a_name(string resource, string name, string address, string endpoint)
    {
        var url = Assert.Single(Snapshot(resource).Urls, url => url.DisplayProperties.DisplayName == name);
        Assert.Equal(string.Format(address, app.Endpoint(resource, endpoint).Port), url.Url.TrimEnd('/'));
    }

    [Theory]
    [InlineData("redis", "tcp")]
    [InlineData("postgres", "tcp")]
    [InlineData("mqtt-bridge", "mqtt")]
    [InlineData("ingest-api", "http")]
    [InlineData("dashboard-web", "http")]
    public void No_proxy_stands_before_what_carries_the_load(string resource, string endpoint) =>
        Assert.False(Resource(resource).Annotations.OfType<EndpointAnnotation>().Single(found => found.Name == endpoint).IsProxied);

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("consumer-worker")]
    [InlineData("mqtt-bridge")]
    [InlineData("ingest-api")]
    [InlineData("dashboard-web")]
    [InlineData("tap-simulator")]
    [InlineData("s3")]
    public void Every_resource_has_a_health_check_and_an_icon(string resource)
    {
        Assert.NotEmpty(Resource(resource).Annotations.OfType<HealthCheckAnnotation>());
        Assert.NotEmpty(Resource(resource).Annotations.OfType<ResourceIconAnnotation>());
    }

    [Theory]
    [InlineData("postgres-password", "postgres")]
    [InlineData("taproomdb", "postgres")]
    [InlineData("admin-key", "ingest-api")]
    public void What_belongs_to_a_resource_is_shown_below_it(string child, string parent) =>
        Assert.Contains(
            Resource(child).Annotations.OfType<ResourceRelationshipAnnotation>(),
            relationship => relationship.Type == "Parent" && relationship.Resource.Name == parent
        );

    [Theory]
    [InlineData("mqtt-bridge", "Mqtt.Bridge")]
    [InlineData("ingest-api", "Ingest.Api")]
    [InlineData("dashboard-web", "Dashboard.Web")]
    [InlineData("tap-simulator", "Tap.Simulator")]
    public void A_service_is_the_program_that_its_build_has_made_without_dotnet_run_around_it(string resource, string program)
    {
        var id = (int)Snapshot(resource).Properties.Single(property => property.Name == "executable.pid").Value!;
        using var process = Process.GetProcessById(id);
        Assert.StartsWith(program, Path.GetFileName(process.MainModule!.FileName));
    }

    [Fact]
    public void The_load_generator_waits_until_somebody_starts_it() =>
        Assert.Equal(KnownResourceStates.NotStarted, Snapshot("load-generator").State?.Text);

    [Fact]
    public async Task The_S3_server_waits_until_somebody_starts_it_and_has_its_bucket_then()
    {
        Assert.Equal(KnownResourceStates.NotStarted, Snapshot("s3").State?.Text);

        var started = await app.App.ResourceCommands.ExecuteCommandAsync("s3", KnownResourceCommands.StartCommand);

        Assert.True(started.Success);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await app.App.ResourceNotifications.WaitForResourceHealthyAsync("s3", deadline.Token);
        using var http = new HttpClient();
        Assert.Contains("<Name>taproom</Name>", await http.GetStringAsync(new Uri(app.Endpoint("s3", "http"), "taproom")));
    }

    private IResource Resource(string name) =>
        app.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name);

    private CustomResourceSnapshot Snapshot(string resource) =>
        app.App.ResourceNotifications.TryGetCurrentState(resource, out var state)
            ? state.Snapshot
            : throw new InvalidOperationException($"{resource} has no state.");
}
