using AppHost;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distributed.Tests;

/// <summary>What is asked of a container engine; none is needed here.</summary>
public sealed class ContainerModelTests
{
    [Fact]
    public async Task Redis_is_told_to_stop_keeps_all_on_disk_and_evicts_nothing()
    {
        var arguments = string.Join(' ', await ArgumentsAsync("redis"));

        // The arguments are one line for a shell.
        Assert.StartsWith("exec redis-server ", arguments);
        Assert.Contains("--appendonly yes --appendfsync always", arguments);
        Assert.Contains("--maxmemory-policy noeviction", arguments);
    }

    [Fact]
    public async Task Postgres_has_as_many_connections_as_without_containers()
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Testing.LocalServer.Repository, "eng/local/postgres"));
        var connections = Assert.Single(
            await ArgumentsAsync("postgres"),
            argument => argument.StartsWith("max_connections=", StringComparison.Ordinal)
        );
        Assert.Contains(connections, script);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task A_store_that_died_is_started_again_with_its_data(string store)
    {
        var resource = Resource(store);
        List<object> arguments = [];
        foreach (var annotation in resource.Annotations.OfType<ContainerRuntimeArgsCallbackAnnotation>())
        {
            await annotation.Callback(new(arguments, CancellationToken.None));
        }

        Assert.Equal(["--restart", "unless-stopped"], arguments);
        Assert.Contains(resource.Annotations.OfType<ContainerMountAnnotation>(), mount => mount.Type == ContainerMountType.Volume);
    }

    [Fact]
    public void The_volumes_are_named_in_the_sentence_about_the_stores()
    {
        var builder = TaproomApp.Builder();
        var stores = builder.AddStores(new TaproomSettings { Containers = true });

        foreach (var store in builder.Resources.OfType<ContainerResource>().Where(resource => resource.Name is "redis" or "postgres"))
        {
            Assert.Contains(store.Annotations.OfType<ContainerMountAnnotation>().Single().Source!, stores.Where);
        }
    }

    [Theory]
    [InlineData("pgweb")]
    [InlineData("redisinsight")]
    public void A_browser_of_a_store_waits_until_somebody_starts_it(string browser) =>
        Assert.Contains(Resource(browser).Annotations, annotation => annotation is ExplicitStartupAnnotation);

    private static async Task<string[]> ArgumentsAsync(string resource)
    {
        var found = Resource(resource);
        var configuration = await ExecutionConfigurationBuilder
            .Create(found)
            .WithArgumentsConfig()
            .BuildAsync(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), NullLogger.Instance, CancellationToken.None);
        return [.. configuration.Arguments.Select(argument => argument.Value)];
    }

    private static IResource Resource(string name)
    {
        var builder = TaproomApp.Builder();
        builder.AddStores(new TaproomSettings { Containers = true });
        return builder.Resources.Single(resource => resource.Name == name);
    }
}
