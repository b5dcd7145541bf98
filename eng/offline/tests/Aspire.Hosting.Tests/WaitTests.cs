using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Tests;

/// <summary>The order in which resources start and stop.</summary>
public sealed class WaitTests
{
    [Fact]
    public async Task A_resource_starts_only_when_what_it_waits_for_is_healthy()
    {
        var healthy = false;
        await using var builder = Apps.Create();
        builder.Services.AddHealthChecks().AddCheck("ready", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        var server = builder.AddScript("server", "sleep 1000").WithHealthCheck("ready");
        builder.AddScript("client", "sleep 1000").WaitFor(server);
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("server", KnownResourceStates.Running);
        await app.ReachesAsync("client", KnownResourceStates.Waiting);
        await app.ResourceNotifications.WaitForResourceAsync(
            "server", e => e.Snapshot.HealthReports is [{ Status: HealthStatus.Unhealthy }], Apps.Soon());
        Assert.Equal(KnownResourceStates.Waiting, await app.ReachesAsync("client", KnownResourceStates.Waiting, KnownResourceStates.Running));
        Volatile.Write(ref healthy, true);
        await app.ReachesAsync("client", KnownResourceStates.Running);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("server", Apps.Soon());
    }

    [Fact]
    public async Task Ready_handlers_are_done_before_what_waits_starts()
    {
        var order = new ConcurrentQueue<string>();
        await using var builder = Apps.Create();
        var server = builder.AddScript("server", "sleep 1000").OnResourceReady(async (_, _, ct) =>
        {
            await Task.Delay(200, ct);
            order.Enqueue("ready");
        });
        builder.AddScript("client", "sleep 1000").WaitFor(server).OnBeforeResourceStarted((_, _, _) =>
        {
            order.Enqueue("client");
            return Task.CompletedTask;
        });
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("client", KnownResourceStates.Running);
        Assert.Equal(["ready", "client"], order);
    }

    [Fact]
    public async Task A_completion_is_waited_for_and_must_have_the_right_code()
    {
        await using var builder = Apps.Create();
        var good = builder.AddScript("good", "exit 0");
        var bad = builder.AddScript("bad", "exit 4");
        builder.AddScript("after-good", "sleep 1000").WaitForCompletion(good);
        builder.AddScript("after-bad", "sleep 1000").WaitForCompletion(bad);
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("after-good", KnownResourceStates.Running);
        await app.ReachesAsync("after-bad", KnownResourceStates.FailedToStart);
    }

    [Fact]
    public async Task A_dependency_that_fails_fails_what_waits_for_it()
    {
        await using var builder = Apps.Create();
        var server = builder.AddExecutable("server", "no-such-program", "/");
        builder.AddScript("client", "sleep 1000").WaitFor(server);
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("client", KnownResourceStates.FailedToStart);
        await Assert.ThrowsAsync<DistributedApplicationException>(
            () => app.ResourceNotifications.WaitForResourceHealthyAsync("server", Apps.Soon()));
    }

    [Fact]
    public async Task A_connection_string_runs_when_its_server_runs_and_can_be_waited_for()
    {
        await using var builder = Apps.Create();
        var server = builder.AddScript("server", "sleep 1000").WithEndpoint(name: "tcp", scheme: "tcp");
        var connection = builder.AddConnectionString("db", ReferenceExpression.Create($"{server.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort)}"));
        builder.AddScript("client", "sleep 1000").WithReference(connection).WaitFor(connection);
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("client", KnownResourceStates.Running);
        await app.ReachesAsync("db", KnownResourceStates.Running);
    }

    [Fact]
    public async Task What_others_depend_on_stops_last()
    {
        await using var builder = Apps.Create();
        var server = builder.AddScript("server", "sleep 1000").WithEndpoint(name: "tcp", scheme: "tcp");
        var connection = builder.AddConnectionString("db", ReferenceExpression.Create($"{server.GetEndpoint("tcp")}"));
        var client = builder.AddScript("client", "sleep 1000").WithReference(connection).WaitFor(server);
        var stopped = new ConcurrentQueue<string>();
        foreach (var resource in (IResourceBuilder<ExecutableResource>[])[server, client])
        {
            resource.OnResourceStopped((r, _, _) =>
            {
                stopped.Enqueue(r.Name);
                return Task.CompletedTask;
            });
        }
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("client", KnownResourceStates.Running);
        await app.StopAsync(Apps.Soon());
        Assert.Equal(["client", "server"], stopped);
    }

    [Fact]
    public async Task Nothing_waits_for_itself()
    {
        await using var builder = Apps.Create();
        var job = builder.AddScript("job", "true");
        Assert.Throws<DistributedApplicationException>(() => job.WaitFor(job));
    }
}
