using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Tests;

/// <summary>States and commands of resources.</summary>
public sealed class StateTests
{
    [Fact]
    public async Task The_exit_of_a_resource_is_noticed_with_its_code()
    {
        await using var builder = Apps.Create();
        builder.AddScript("job", "exit 3");
        await using var app = await builder.StartAsync();
        var ended = await app.ResourceNotifications.WaitForResourceAsync("job", e => e.Snapshot.State?.Text == KnownResourceStates.Finished, Apps.Soon());
        Assert.Equal(3, ended.Snapshot.ExitCode);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_fails_to_start_and_is_named()
    {
        await using var builder = Apps.Create();
        var job = builder.AddExecutable("job", "no-such-program", "/");
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("job", KnownResourceStates.FailedToStart);
        Assert.Contains(await LinesAsync(app, job), l => l.Contains("no-such-program", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_container_fails_to_start_and_says_what_it_needs()
    {
        await using var builder = Apps.Create();
        var redis = builder.AddRedis("redis").WithDataVolume().WithRedisInsight();
        var postgres = builder.AddPostgres("postgres").WithDataVolume().WithPgWeb();
        builder.AddScript("job", "true").WithReference(postgres.AddDatabase("taproomdb"));
        await using var app = await builder.StartAsync();
        foreach (var name in (string[])["redis", "redisinsight", "postgres", "pgweb", "job"])
        {
            await app.ReachesAsync(name, KnownResourceStates.FailedToStart);
        }
        Assert.Contains(await LinesAsync(app, redis), l => l.Contains("need the real Aspire packages", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Commands_stop_start_and_restart_a_resource()
    {
        await using var builder = Apps.Create();
        var job = builder.AddScript("job", "sleep 1000");
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("job", KnownResourceStates.Running);
        var first = Pid(app);
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(job.Resource, KnownResourceCommands.StopCommand, Apps.Soon())).Success);
        await app.ReachesAsync("job", KnownResourceStates.Finished);
        Assert.False(Directory.Exists($"/proc/{first}"));
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(job.Resource, KnownResourceCommands.StartCommand, Apps.Soon())).Success);
        await app.ReachesAsync("job", KnownResourceStates.Running);
        var second = Pid(app);
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("job", KnownResourceCommands.RestartCommand, Apps.Soon())).Success);
        await app.ReachesAsync("job", KnownResourceStates.Running);
        Assert.False(Directory.Exists($"/proc/{second}"));
        await app.ResourceNotifications.WaitForResourceHealthyAsync("job", Apps.Soon());
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("job", "no-such-command", Apps.Soon())).Success);
    }

    [Fact]
    public async Task A_resource_of_ones_own_type_has_a_connection_string_and_the_commands()
    {
        await using var builder = Apps.Create();
        var server = builder.AddResource(new Server("server")).WithEndpoint(name: "tcp", scheme: "tcp").WithArgs("1000");
        var job = builder.AddEnvironmentPrinter("job").WithReference(server).WaitFor(server);
        await using var app = await builder.StartAsync();
        Assert.Contains($"ConnectionStrings__server=at {server.GetEndpoint("tcp").Port}", await app.OutputAsync(job));
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("server", KnownResourceCommands.StopCommand, Apps.Soon())).Success);
        await app.ReachesAsync("server", KnownResourceStates.Finished);
    }

    [Fact]
    public async Task A_resource_with_explicit_start_waits_for_the_command()
    {
        await using var builder = Apps.Create();
        var job = builder.AddScript("job", "true").WithExplicitStart();
        builder.AddScript("other", "true");
        await using var app = await builder.StartAsync();
        await app.ReachesAsync("other", KnownResourceStates.Finished);
        await app.ReachesAsync("job", KnownResourceStates.NotStarted);
        await app.ResourceCommands.ExecuteCommandAsync(job.Resource, KnownResourceCommands.StartCommand, Apps.Soon());
        await app.ReachesAsync("job", KnownResourceStates.Finished);
    }

    [Fact]
    public async Task Own_commands_run_and_their_failure_is_their_result()
    {
        await using var builder = Apps.Create();
        var job = builder.AddScript("job", "sleep 1000")
            .WithCommand("greet", "Greet", context => Task.FromResult(CommandResults.Success(context.ResourceName)))
            .WithCommand("fail", "Fail", _ => throw new InvalidOperationException("no"));
        await using var app = await builder.StartAsync();
        Assert.StartsWith("job-", (await app.ResourceCommands.ExecuteCommandAsync(job.Resource, "greet", Apps.Soon())).Message);
        Assert.Equal("no", (await app.ResourceCommands.ExecuteCommandAsync(job.Resource, "fail", Apps.Soon())).Message);
    }

    [Fact]
    public async Task A_start_that_fails_leaves_nothing_running()
    {
        var mark = Guid.NewGuid().ToString("N");
        var builder = Apps.Create();
        builder.AddScript("job", "sleep 1000").WithEnvironment("TEST_MARK", mark);
        builder.Eventing.Subscribe<AfterResourcesCreatedEvent>(async (_, ct) =>
        {
            await Poll.UntilAsync(() => MarkedProcesses.Find(mark).Length > 0);
            throw new InvalidOperationException("no");
        });
        var app = await builder.BuildAsync(Apps.Soon());
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Apps.Soon()));
        await app.DisposeAsync();
        Assert.Empty(MarkedProcesses.Find(mark));
    }

    [Fact]
    public async Task Names_are_checked_and_used_once()
    {
        await using var builder = Apps.Create();
        builder.AddScript("job", "true");
        Assert.Throws<DistributedApplicationException>(() => builder.AddScript("JOB", "true"));
        Assert.Throws<ArgumentException>(() => builder.AddScript("a_b", "true"));
        Assert.Throws<ArgumentException>(() => builder.AddScript("1a", "true"));
    }

    private sealed class Server(string name) : ExecutableResource(name, "sleep", "/"), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"at {this.GetEndpoint("tcp").Property(EndpointProperty.Port)}");
    }

    private static int Pid(DistributedApplication app)
    {
        Assert.True(app.ResourceNotifications.TryGetCurrentState("job", out var current));
        return Assert.IsType<int>(current.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value);
    }

    private static async Task<string[]> LinesAsync(DistributedApplication app, IResourceBuilder<IResource> resource)
    {
        await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(resource.Resource))
        {
            return [.. lines.Select(l => l.Content)];
        }
        return [];
    }
}
