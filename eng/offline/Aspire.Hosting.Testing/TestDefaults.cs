using System.Reflection;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Settings of an AppHost under test, below what the command line and the test itself say.</summary>
internal static class TestDefaults
{
    /// <summary>What the test may still change.</summary>
    public static void Before(DistributedApplicationOptions options, HostApplicationBuilderSettings settings, string[] args, Assembly? appHost)
    {
        settings.Args = settings.Args is { } own && !own.SequenceEqual(args) ? [.. own, .. args] : args;
        options.Args = settings.Args;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        if (appHost is not null)
        {
            options.AssemblyName = appHost.GetName().Name;
            settings.ApplicationName = appHost.GetName().Name;
            if (AppHostMetadata.Read(appHost, "apphostprojectpath") is { } folder && Directory.Exists(folder))
            {
                settings.ContentRootPath = folder;
            }
        }
        AddMissing(settings, new()
        {
            ["DcpPublisher:RandomizePorts"] = "true",
            ["DcpPublisher:WaitForResourceCleanup"] = "true",
            [KnownConfigNames.FrontendUrls] = "http://localhost:8080",
            [KnownConfigNames.OtlpGrpcUrl] = "http://localhost:4317",
        });
    }

    /// <summary>What the AppHost's launch profile says, after the test had its turn.</summary>
    public static void After(HostApplicationBuilderSettings settings, Assembly appHost)
    {
        var profiles = AppHostMetadata.Read(appHost, "apphostprojectpath") is { } folder ? LaunchProfiles.Read(folder)?.Profiles : null;
        if (profiles is not { Count: > 0 })
        {
            return;
        }
        var asked = Existing(settings)["DOTNET_LAUNCH_PROFILE"];
        var name = string.IsNullOrEmpty(asked) ? profiles.First().Key : asked;
        var profile = profiles.GetValueOrDefault(name)
            ?? throw new InvalidOperationException($"The configured launch profile, '{name}', was not found in the launch settings file.");
        var values = new Dictionary<string, string?> { ["DOTNET_LAUNCH_PROFILE"] = name };
        foreach (var (key, value) in profile.EnvironmentVariables)
        {
            values[key] = value;
            foreach (var prefix in (string[])["DOTNET_", "ASPNETCORE_"])
            {
                if (key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    values[key[prefix.Length..]] = value;
                }
            }
        }
        var added = AddMissing(settings, values);
        // Environment variables of the test runner would win over configuration, but not over the command line.
        settings.Args = [.. settings.Args ?? [], .. added.Select(v => $"--{v.Key}={v.Value}")];
    }

    private static Dictionary<string, string?> AddMissing(HostApplicationBuilderSettings settings, Dictionary<string, string?> values)
    {
        var existing = Existing(settings);
        var missing = values.Where(v => existing[v.Key] is null).ToDictionary();
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddInMemoryCollection(missing);
        return missing;
    }

    private static ConfigurationManager Existing(HostApplicationBuilderSettings settings)
    {
        var existing = new ConfigurationManager();
        existing.AddCommandLine(settings.Args ?? []);
        if (settings.Configuration is not null)
        {
            existing.AddConfiguration(settings.Configuration);
        }
        return existing;
    }
}
