using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Distributed.Tests;

/// <summary>What a service is told by its environment; nothing is started for it.</summary>
internal static class ModelEnvironment
{
    /// <summary>The variables of a resource whose names begin like this.</summary>
    public static async Task<Dictionary<string, string?>> OfAsync(IResource resource, string prefix)
    {
        var context = new EnvironmentCallbackContext(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return context
            .EnvironmentVariables.Where(variable => variable.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(variable => variable.Key, variable => variable.Value.ToString());
    }
}
