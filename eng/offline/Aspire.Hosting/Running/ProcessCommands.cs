using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Running;

/// <summary>The start, stop and restart commands of everything that has a process.</summary>
internal static class ProcessCommands
{
    public static IResourceBuilder<T> WithProcessCommands<T>(this IResourceBuilder<T> builder, string resourceType) where T : IResource => builder
        .WithInitialState(new CustomResourceSnapshot { ResourceType = resourceType, Properties = [] })
        .WithCommand(
            KnownResourceCommands.StartCommand, "Start", context => Runner(context).StartInstanceAsync(context.ResourceName, context.CancellationToken),
            new CommandOptions { UpdateState = context => IsUp(context) ? ResourceCommandState.Hidden : ResourceCommandState.Enabled })
        .WithCommand(
            KnownResourceCommands.StopCommand, "Stop", context => Runner(context).StopInstanceAsync(context.ResourceName, context.CancellationToken),
            new CommandOptions { UpdateState = context => IsUp(context) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden })
        .WithCommand(
            KnownResourceCommands.RestartCommand, "Restart", RestartAsync,
            new CommandOptions { UpdateState = context => IsUp(context) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled });

    private static async Task<ExecuteCommandResult> RestartAsync(ExecuteCommandContext context)
    {
        await Runner(context).StopInstanceAsync(context.ResourceName, context.CancellationToken);
        return await Runner(context).StartInstanceAsync(context.ResourceName, context.CancellationToken);
    }

    private static ApplicationRunner Runner(ExecuteCommandContext context) => context.ServiceProvider.GetRequiredService<ApplicationRunner>();

    private static bool IsUp(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Starting);
}
