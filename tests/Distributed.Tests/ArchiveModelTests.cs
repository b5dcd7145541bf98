using AppHost;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Distributed.Tests;

/// <summary>What the worker is told of the archive; nothing is started here.</summary>
public sealed class ArchiveModelTests
{
    [Theory]
    [InlineData(nameof(ArchiveKind.Off), false, false)]
    [InlineData(nameof(ArchiveKind.Disk), true, false)]
    [InlineData(nameof(ArchiveKind.S3), true, true)]
    public async Task The_worker_keeps_its_archive_where_the_settings_say(string kind, bool hasPath, bool hasStore)
    {
        var settings = new TaproomSettings { Archive = Enum.Parse<ArchiveKind>(kind), DataPath = "/data" };
        var builder = TaproomApp.Builder();
        var worker = builder.AddProject<Projects.Consumer_Worker>("consumer-worker").WithArchive(settings);

        var environment = await ModelEnvironment.OfAsync(worker.Resource, "Archive__");

        Assert.Equal(hasPath ? "/data/archive" : null, environment.GetValueOrDefault("Archive__Path"));
        Assert.Equal(hasStore, environment.ContainsKey("Archive__S3__Bucket"));
        if (hasStore)
        {
            var endpoint = Assert.Single(builder.Resources.Single(resource => resource.Name == "s3").Annotations.OfType<EndpointAnnotation>());
            Assert.Equal($"http://localhost:{endpoint.Port}", environment["Archive__S3__ServiceUrl"]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_store_for_tries_waits_until_somebody_starts_it(bool containers)
    {
        var builder = TaproomApp.Builder();
        builder.AddProject<Projects.Consumer_Worker>("consumer-worker").WithArchive(new TaproomSettings { Containers = containers });

        var store = builder.Resources.Single(resource => resource.Name == "s3");

        Assert.Equal(containers, store is ContainerResource);
        Assert.Contains(store.Annotations, annotation => annotation is ExplicitStartupAnnotation);
    }
}
