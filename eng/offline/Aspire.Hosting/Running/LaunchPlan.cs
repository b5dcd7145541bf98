using System.Collections;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>How all copies of a resource are started; a copy's own ports and id are filled in last.</summary>
internal sealed record LaunchPlan(
    string File, string WorkingDirectory, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, IResource Resource)
{
    /// <summary>What stands for the id of a copy in values all copies share.</summary>
    public const string InstanceIdPlaceholder = "{{instanceId}}";

    /// <summary>What to start for one copy.</summary>
    public ProcessSpec For(int replica, string instanceId)
    {
        (string From, string To)[] fills =
        [
            (InstanceIdPlaceholder, instanceId),
            .. Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.ReplicaPorts.Count > replica).Select(e =>
                (EndpointAllocation.Placeholder(Resource.Name, e.Name), e.ReplicaPorts[replica].ToString(CultureInfo.InvariantCulture))),
        ];
        string Fill(string text) => fills.Aggregate(text, (t, f) => t.Replace(f.From, f.To, StringComparison.Ordinal));
        return new ProcessSpec(
            File, [.. Arguments.Select(Fill)], WorkingDirectory, Environment.ToDictionary(e => e.Key, e => Fill(e.Value), StringComparer.Ordinal));
    }
}

/// <summary>Puts together how a resource is started.</summary>
internal sealed class LaunchPlanner(DistributedApplicationExecutionContext executionContext, AppHostOutputs outputs)
{
    // The AppHost's own of these are about the AppHost; the real runner keeps them back too.
    private static readonly HashSet<string> NotInherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE"];

    /// <summary>Resolves program, arguments and environment; waits for values not known yet.</summary>
    /// <exception cref="DistributedApplicationException">The program does not exist, or the project is not built.</exception>
    public async Task<LaunchPlan> PlanAsync(IResource resource, ILogger logger, CancellationToken cancellationToken)
    {
        var environment = await EnvironmentAsync(resource, logger, cancellationToken);
        var arguments = await ArgumentsAsync(resource, logger, cancellationToken);
        return resource switch
        {
            ProjectResource project => Project(project, arguments, environment),
            ExecutableResource executable => new LaunchPlan(
                Programs.Find(executable.Command, executable.WorkingDirectory)
                    ?? throw new DistributedApplicationException($"The program '{executable.Command}' was not found."),
                executable.WorkingDirectory, arguments, environment, resource),
            _ => throw StandIn.NotSupported($"starting a {resource.GetType().Name}"),
        };
    }

    private LaunchPlan Project(ProjectResource project, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var path = project.GetProjectMetadata().ProjectPath;
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : Programs.Find("dotnet", "/");
        return new LaunchPlan(
            dotnet ?? throw new DistributedApplicationException("The program 'dotnet' was not found."),
            Path.GetDirectoryName(path)!, ["exec", outputs.Find(path), .. arguments], environment, project);
    }

    private async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(IResource resource, ILogger logger, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry inherited in Environment.GetEnvironmentVariables())
        {
            if (inherited is { Key: string name, Value: string value } && !NotInherited.Contains(name))
            {
                all[name] = value;
            }
        }
        var context = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (await ResolveAsync(value, resource, cancellationToken) is { } text)
            {
                all[name] = text;
            }
        }
        return all;
    }

    private async Task<IReadOnlyList<string>> ArgumentsAsync(IResource resource, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], resource, cancellationToken) { ExecutionContext = executionContext, Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }
        var arguments = new List<string>();
        foreach (var argument in context.Args)
        {
            if (await ResolveAsync(argument, resource, cancellationToken) is { } text)
            {
                arguments.Add(text);
            }
        }
        return arguments;
    }

    private async Task<string?> ResolveAsync(object? value, IResource caller, CancellationToken cancellationToken) => value switch
    {
        null => null,
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(
            new ValueProviderContext { ExecutionContext = executionContext, Caller = caller }, cancellationToken),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(
            new ValueProviderContext { ExecutionContext = executionContext, Caller = caller }, cancellationToken),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}

/// <summary>Finds programs.</summary>
internal static class Programs
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Full path of a program: a name searched in PATH, or a path, relative to the folder. Null when there is none.</summary>
    public static string? Find(string command, string workingDirectory)
    {
        if (command.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(Path.Combine(workingDirectory, command));
            return IsProgram(path) ? path : null;
        }
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, command)).FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) => File.Exists(path) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & AnyExecute) != 0;
}
