using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Tests;

/// <summary>Starts applications for tests and reads what their resources say.</summary>
internal static class Apps
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static CancellationToken Soon() => new CancellationTokenSource(Deadline).Token;

    public static IDistributedApplicationTestingBuilder Create(params string[] args) =>
        DistributedApplicationTestingBuilder.Create(args, (options, _) => options.ProjectDirectory = "/");

    public static IResourceBuilder<ExecutableResource> AddScript(this IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "/bin/sh", "/", "-c", script);

    public static async Task<DistributedApplication> StartAsync(this IDistributedApplicationTestingBuilder builder)
    {
        var app = await builder.BuildAsync(Soon());
        await app.StartAsync(Soon());
        return app;
    }

    public static Task<string> ReachesAsync(this DistributedApplication app, string resource, params string[] states) =>
        app.ResourceNotifications.WaitForResourceAsync(resource, states, Soon());

    /// <summary>A program that prints its environment; no shell, since some drop names that are not identifiers.</summary>
    public static IResourceBuilder<ExecutableResource> AddEnvironmentPrinter(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddExecutable(name, "env", "/");

    /// <summary>All lines of a resource once it ended.</summary>
    public static async Task<string[]> OutputAsync(this DistributedApplication app, IResourceBuilder<IResource> resource)
    {
        await app.ReachesAsync(resource.Resource.Name, KnownResourceStates.Finished);
        var loggers = app.Services.GetRequiredService<ResourceLoggerService>();
        await foreach (var lines in loggers.GetAllAsync(resource.Resource))
        {
            return [.. lines.Select(l => l.Content)];
        }
        return [];
    }
}

/// <summary>Waits for a condition with a deadline.</summary>
internal static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> condition)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (condition(value))
            {
                return value;
            }
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Apps.Deadline, $"Not within {Apps.Deadline}: {value}");
            await Task.Delay(Interval);
        }
    }

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()), met => met);
}

/// <summary>Finds processes by a variable of their environment.</summary>
internal static class MarkedProcesses
{
    public static string[] Find(string mark) => [.. Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Where(d => Has(d, mark))
        .Select(d => File.Exists($"{d}/cmdline") ? TryRead($"{d}/cmdline").Replace('\0', ' ') : d)];

    private static bool Has(string folder, string mark) => TryRead($"{folder}/environ").Contains(mark, StringComparison.Ordinal);

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
