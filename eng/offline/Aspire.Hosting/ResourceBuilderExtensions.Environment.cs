using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value ?? "");

    /// <summary>Sets an environment variable to an interpolated string of values resolved when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, in ReferenceExpression.ExpressionInterpolatedStringHandler value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(name, value.Build());

    /// <summary>Sets an environment variable to a value resolved when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithEnvironment
    {
        builder.WithReferenceRelationship(value);
        return builder.WithEnvironment(context => context.EnvironmentVariables[name] = value);
    }

    /// <summary>Sets an environment variable to a value resolved when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IExpressionValue value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value);

    /// <summary>Sets an environment variable to what a function says when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, Func<string> callback)
        where T : IResourceWithEnvironment => builder.WithAnnotation(new EnvironmentCallbackAnnotation(name, callback));

    /// <summary>Sets an environment variable to the URL of an endpoint.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment
    {
        builder.WithReferenceRelationship(endpointReference.Resource);
        return builder.WithEnvironment(context => context.EnvironmentVariables[name] = endpointReference);
    }

    /// <summary>Sets an environment variable to a parameter.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment
    {
        builder.WithReferenceRelationship(parameter.Resource);
        return builder.WithEnvironment(context => context.EnvironmentVariables[name] = parameter.Resource);
    }

    /// <summary>Sets an environment variable to a connection string.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string envVarName, IResourceBuilder<IResourceWithConnectionString> resource)
        where T : IResourceWithEnvironment
    {
        builder.WithReferenceRelationship(resource.Resource);
        return builder.WithEnvironment(context => context.EnvironmentVariables[envVarName] = resource.Resource.ConnectionStringExpression);
    }

    /// <summary>Sets environment variables when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentCallbackContext> callback)
        where T : IResourceWithEnvironment => builder.WithAnnotation(new EnvironmentCallbackAnnotation(callback));

    /// <summary>Sets environment variables when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Func<EnvironmentCallbackContext, Task> callback)
        where T : IResourceWithEnvironment => builder.WithAnnotation(new EnvironmentCallbackAnnotation(callback));

    /// <summary>Sets <c>ConnectionStrings__{name}</c>, and one variable for each part of the connection string.</summary>
    /// <param name="builder">The resource that gets the variables.</param>
    /// <param name="source">The resource with the connection string.</param>
    /// <param name="connectionName">Name in place of the source's.</param>
    /// <param name="optional">True sets nothing when there is no connection string; else the start fails.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null, bool optional = false) where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        builder.WithReferenceRelationship(resource);
        return builder.WithEnvironment(async context =>
        {
            var value = await resource.GetConnectionStringAsync(context.CancellationToken);
            if (string.IsNullOrEmpty(value))
            {
                if (optional)
                {
                    return;
                }
                throw new DistributedApplicationException($"The connection string for the resource '{resource.Name}' is not available.");
            }
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] = value;
            foreach (var (part, expression) in resource.GetConnectionProperties())
            {
                context.EnvironmentVariables[$"{VariableName(name)}_{VariableName(part)}"] = expression;
            }
        });
    }

    /// <summary>Tells the resource all endpoints of another, as <c>services__{name}__{endpoint}__0</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.Endpoints(source.Resource, null);

    /// <summary>Tells the resource one endpoint of another, as <c>services__{name}__{endpoint}__0</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment => builder.Endpoints(endpointReference.Resource, endpointReference.EndpointName);

    /// <summary>Tells the resource an address outside the application, as <c>services__{name}__default__0</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment => builder.WithEnvironment($"services__{name}__default__0", uri.ToString());

    private static IResourceBuilder<TDestination> Endpoints<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceWithEndpoints source, string? endpointName) where TDestination : IResourceWithEnvironment
    {
        var known = builder.Resource.Annotations.OfType<EndpointReferenceAnnotation>().SingleOrDefault(e => e.Resource == source);
        if (known is null)
        {
            known = new EndpointReferenceAnnotation(source);
            builder.WithAnnotation(known).WithReferenceRelationship(source).WithEnvironment(context => AddEndpoints(context, known));
        }
        if (endpointName is null)
        {
            known.UseAllEndpoints = true;
        }
        else
        {
            known.EndpointNames.Add(endpointName);
        }
        return builder;
    }

    private static void AddEndpoints(EnvironmentCallbackContext context, EndpointReferenceAnnotation wanted)
    {
        foreach (var endpoint in wanted.Resource.GetEndpoints())
        {
            if (wanted.EndpointNames.Contains(endpoint.EndpointName) || (wanted.UseAllEndpoints && !endpoint.ExcludeReferenceEndpoint))
            {
                context.EnvironmentVariables[$"services__{wanted.Resource.Name}__{endpoint.EndpointName}__0"] = endpoint;
                context.EnvironmentVariables[$"{VariableName(wanted.Resource.Name)}_{VariableName(endpoint.EndpointName)}"] = endpoint;
            }
        }
    }

    private static string VariableName(string text) => NotInVariableName().Replace(text.ToUpperInvariant(), "_");

    [GeneratedRegex("[^A-Z0-9_]")]
    private static partial Regex NotInVariableName();
}
