using System.Text;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>Reads launch settings and chooses a profile.</summary>
internal static class LaunchProfiles
{
    private static readonly JsonSerializerOptions Lenient = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    };

    /// <summary>The profile asked for, else the AppHost's own when the project has it, else the first that starts the project.</summary>
    public static (string Name, LaunchProfile Profile)? Choose(
        ProjectResource resource, IProjectMetadata metadata, ProjectResourceOptions options, IConfiguration configuration)
    {
        if (options.ExcludeLaunchProfile)
        {
            resource.Annotations.Add(new ExcludeLaunchProfileAnnotation());
            return null;
        }
        var profiles = (metadata.LaunchSettings ?? Read(Path.GetDirectoryName(metadata.ProjectPath)!))?.Profiles;
        if (!string.IsNullOrEmpty(options.LaunchProfileName))
        {
            resource.Annotations.Add(new LaunchProfileAnnotation(options.LaunchProfileName));
            return profiles is not null && profiles.TryGetValue(options.LaunchProfileName, out var asked)
                ? (options.LaunchProfileName, asked)
                : throw new DistributedApplicationException(
                    $"The launch profile '{options.LaunchProfileName}' of the project resource '{resource.Name}' was not found in its launch settings.");
        }
        var own = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"];
        if (!string.IsNullOrEmpty(own))
        {
            resource.Annotations.Add(new DefaultLaunchProfileAnnotation(own));
            if (profiles is not null && profiles.TryGetValue(own, out var shared))
            {
                return (own, shared);
            }
        }
        foreach (var (name, profile) in profiles ?? [])
        {
            if (profile.CommandName == "Project")
            {
                return (name, profile);
            }
        }
        return null;
    }

    /// <summary>Launch settings of a project's folder; null when it has none.</summary>
    public static LaunchSettings? Read(string folder)
    {
        var file = Path.Combine(folder, "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(file), Lenient);
        }
        catch (JsonException ex)
        {
            throw new DistributedApplicationException($"The launch settings '{file}' cannot be read: {ex.Message}", ex);
        }
    }

    /// <summary>The arguments of a profile's command line; double quotes keep blanks.</summary>
    public static string[] Arguments(LaunchProfile profile)
    {
        var arguments = new List<string>();
        var current = new StringBuilder();
        var (quoted, any) = (false, false);
        foreach (var c in profile.CommandLineArgs ?? "")
        {
            if (c == '"')
            {
                (quoted, any) = (!quoted, true);
            }
            else if (c == ' ' && !quoted)
            {
                if (any)
                {
                    arguments.Add(current.ToString());
                }
                current.Clear();
                any = false;
            }
            else
            {
                current.Append(c);
                any = true;
            }
        }
        if (any)
        {
            arguments.Add(current.ToString());
        }
        return [.. arguments];
    }
}
