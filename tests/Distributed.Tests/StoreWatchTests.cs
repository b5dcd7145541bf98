using AppHost;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Distributed.Tests;

/// <summary>What becomes of a store that ends; none runs here, only what Aspire would tell of it.</summary>
public sealed class StoreWatchTests
{
    [Fact]
    public async Task A_store_that_is_killed_is_started_again_but_not_one_that_was_stopped_or_never_worked()
    {
        var builder = TaproomApp.Builder();
        var starts = 0;
        var redis = builder
            .AddExecutable("redis", "none", ".")
            .WithCommand(
                KnownResourceCommands.StartCommand,
                "Start",
                _ =>
                {
                    starts++;
                    return Task.FromResult(CommandResults.Success());
                }
            )
            .Resource;
        await using var app = builder.Build();
        var notifications = app.ResourceNotifications;
        using var watch = new StoreWatch(notifications, app.ResourceCommands) { Pause = TimeSpan.Zero };

        // It fails for a reason, and would again.
        await TellAsync(KnownResourceStates.Exited, exitCode: 1);
        Assert.Equal(0, starts);

        // It was told to end.
        await TellAsync(KnownResourceStates.Running);
        await TellAsync(KnownResourceStates.Exited, exitCode: 0);
        Assert.Equal(0, starts);

        await TellAsync(KnownResourceStates.Running);
        await TellAsync(KnownResourceStates.Exited, exitCode: 137);
        Assert.Equal(1, starts);

        // Once is enough, until it has worked again.
        await TellAsync(KnownResourceStates.Exited, exitCode: 137);
        Assert.Equal(1, starts);

        async Task TellAsync(string state, int? exitCode = null)
        {
            await notifications.PublishUpdateAsync(redis, before => before with { State = state, ExitCode = exitCode });
            Assert.True(notifications.TryGetCurrentState(redis.Name, out var change));
            await watch.SeeAsync(change, CancellationToken.None);
        }
    }
}
