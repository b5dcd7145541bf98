using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Finds executables in a model.</summary>
public static class ExecutableResourceExtensions
{
    /// <summary>The executables of the application.</summary>
    public static IEnumerable<ExecutableResource> GetExecutableResources(this DistributedApplicationModel model) =>
        model.Resources.OfType<ExecutableResource>();
}

/// <summary>Finds containers in a model.</summary>
public static class ContainerResourceExtensions
{
    /// <summary>The resources that run as containers.</summary>
    public static IEnumerable<IResource> GetContainerResources(this DistributedApplicationModel model) =>
        model.Resources.Where(IsContainer);

    /// <summary>Whether the resource runs as a container.</summary>
    public static bool IsContainer(this IResource resource) => resource.HasAnnotationOfType<ContainerImageAnnotation>();
}
