namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project of the solution, started from what the AppHost's build made of it.</summary>
public class ProjectResource(string name) : Resource(name),
    IResourceWithEnvironment, IResourceWithArgs, Aspire.Hosting.IResourceWithServiceDiscovery, IResourceWithWaitSupport, IComputeResource;

/// <summary>A program of this machine.</summary>
public class ExecutableResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>Creates an executable.</summary>
    /// <param name="name">Name of the resource.</param>
    /// <param name="command">Program: a name searched in PATH, or a path, relative to the working directory.</param>
    /// <param name="workingDirectory">Folder the program starts in.</param>
    public ExecutableResource(string name, string command, string workingDirectory) : base(name)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        Annotations.Add(new ExecutableAnnotation { Command = command, WorkingDirectory = workingDirectory });
    }

    /// <summary>The program.</summary>
    public string Command => Annotations.OfType<ExecutableAnnotation>().Last().Command;

    /// <summary>Folder the program starts in.</summary>
    public string WorkingDirectory => Annotations.OfType<ExecutableAnnotation>().Last().WorkingDirectory;
}

/// <summary>A container. The stand-in has the model of it, and fails to start it.</summary>
public class ContainerResource(string name, string? entrypoint = null) : Resource(name),
    IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>Program inside the container in place of the image's own.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}

/// <summary>The program and folder of an <see cref="ExecutableResource"/>.</summary>
public sealed class ExecutableAnnotation : IResourceAnnotation
{
    /// <summary>The program.</summary>
    public required string Command { get; set; }

    /// <summary>Folder the program starts in.</summary>
    public required string WorkingDirectory { get; set; }
}
