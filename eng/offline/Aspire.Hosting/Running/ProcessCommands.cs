using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Running;

/// <summary>The start, stop and restart commands of everything that has a process.</summary>
internal static class ProcessCommands
{
    /// <summary>Adds the commands, unless the AppHost declared its own, and the kind of resource shown.</summary>
    public static void AddTo(IResource resource)
    {
        Add(resource, KnownResourceCommands.StartCommand, "Start",
            context => Runner(context).StartInstanceAsync(context.ResourceName, context.CancellationToken),
            context => IsUp(context) ? ResourceCommandState.Hidden : ResourceCommandState.Enabled);
        Add(resource, KnownResourceCommands.StopCommand, "Stop",
            context => Runner(context).StopInstanceAsync(context.ResourceName, context.CancellationToken),
            context => IsUp(context) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden);
        Add(resource, KnownResourceCommands.RestartCommand, "Restart", RestartAsync,
            context => IsUp(context) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled);
        if (!resource.HasAnnotationOfType<ResourceSnapshotAnnotation>())
        {
            var type = resource is ProjectResource ? "Project" : resource is ContainerResource ? "Container" : "Executable";
            resource.Annotations.Add(new ResourceSnapshotAnnotation(new CustomResourceSnapshot { ResourceType = type, Properties = [] }));
        }
    }

    private static void Add(
        IResource resource, string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> execute,
        Func<UpdateCommandStateContext, ResourceCommandState> updateState)
    {
        if (!resource.Annotations.OfType<ResourceCommandAnnotation>().Any(c => c.Name == name))
        {
            resource.Annotations.Add(new ResourceCommandAnnotation(name, displayName, execute, new CommandOptions { UpdateState = updateState }));
        }
    }

    private static async Task<ExecuteCommandResult> RestartAsync(ExecuteCommandContext context)
    {
        await Runner(context).StopInstanceAsync(context.ResourceName, context.CancellationToken);
        return await Runner(context).StartInstanceAsync(context.ResourceName, context.CancellationToken);
    }

    private static ApplicationRunner Runner(ExecuteCommandContext context) => context.ServiceProvider.GetRequiredService<ApplicationRunner>();

    private static bool IsUp(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Starting);
}
