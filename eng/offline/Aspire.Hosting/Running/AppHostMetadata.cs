using System.Reflection;

namespace Aspire.Hosting.Running;

/// <summary>What the AppHost's build wrote into its assembly.</summary>
internal static class AppHostMetadata
{
    public static string? Read(Assembly? assembly, string key) => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(m => string.Equals(m.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}

/// <summary>Finds the built output of a project.</summary>
internal sealed class AppHostOutputs(Assembly? appHost)
{
    private const string KeyPrefix = "aspirestandinoutput:";

    /// <summary>Full path of the project's assembly.</summary>
    /// <exception cref="DistributedApplicationException">The project was not built.</exception>
    public string Find(string projectPath)
    {
        // A file whose name has no place in the metadata was added by path; then the folder tells.
        var output = AppHostMetadata.Read(appHost, KeyPrefix + projectPath) ?? Search(projectPath);
        return output is not null && File.Exists(output)
            ? output
            : throw new DistributedApplicationException($"The project '{projectPath}' is not built; build the AppHost, which builds its projects.");
    }

    private string? Search(string projectPath)
    {
        var configuration = appHost?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var folder = Path.Combine(Path.GetDirectoryName(projectPath)!, "bin", configuration);
        var name = Path.GetFileNameWithoutExtension(projectPath) + ".dll";
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, name, SearchOption.AllDirectories)
                .Where(f => File.Exists(Path.ChangeExtension(f, ".runtimeconfig.json")))
                .MaxBy(File.GetLastWriteTimeUtc)
            : null;
    }
}
