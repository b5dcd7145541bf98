namespace Aspire.Hosting.ApplicationModel;

// The contracts below are one vocabulary and mostly markers; they are kept together as such.

/// <summary>A part of the distributed application.</summary>
public interface IResource
{
    /// <summary>Unique name within the application, compared without case.</summary>
    string Name { get; }

    /// <summary>Everything configured on the resource.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>One thing configured on a resource.</summary>
public interface IResourceAnnotation;

/// <summary>A resource that takes command line arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>A resource that listens on endpoints.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource that takes environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that can wait for others.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>A resource that is never started, only read.</summary>
public interface IResourceWithoutLifetime : IResource;

/// <summary>A resource that does the computing: project, executable, container.</summary>
public interface IComputeResource : IResource;

/// <summary>A resource that belongs to another.</summary>
public interface IResourceWithParent : IResource
{
    /// <summary>The resource it belongs to.</summary>
    IResource Parent { get; }
}

/// <summary>A resource that belongs to another of a known type.</summary>
public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
{
    /// <summary>The resource it belongs to.</summary>
    new T Parent { get; }

    IResource IResourceWithParent.Parent => Parent;
}

/// <summary>Something with an expression for deployment manifests.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The expression, such as <c>{redis.connectionString}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>For whom a value is resolved.</summary>
public class ValueProviderContext
{
    /// <summary>What the AppHost does.</summary>
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    /// <summary>The resource that asks.</summary>
    public IResource? Caller { get; init; }
}

/// <summary>Something with a value at run time, perhaps only later.</summary>
public interface IValueProvider
{
    /// <summary>The value; waits until it is known.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>The value for one caller; waits until it is known.</summary>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        GetValueAsync(cancellationToken);
}

/// <summary>A value for both running and publishing.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

/// <summary>A value that is made of others.</summary>
public interface IValueWithReferences
{
    /// <summary>What it is made of: resources and values.</summary>
    IEnumerable<object> References { get; }
}

/// <summary>A resource that others reach through a connection string.</summary>
public interface IResourceWithConnectionString : IResource, IExpressionValue, IValueWithReferences
{
    /// <summary>The connection string, as an expression.</summary>
    ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>Environment variable that carries it; <c>ConnectionStrings__{name}</c> when null.</summary>
    string? ConnectionStringEnvironmentVariable => null;

    /// <summary>The connection string's value; waits until endpoints are allocated.</summary>
    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);

    /// <summary>The parts of the connection string by name.</summary>
    IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];

    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);

    ValueTask<string?> IValueProvider.GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken) =>
        GetConnectionStringAsync(cancellationToken);

    IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];
}
