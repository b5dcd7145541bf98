using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;

namespace AppHost;

/// <summary>What the services have in common.</summary>
internal static class Services
{
    // Milliseconds.
    private const string TelemetryTimeout = "OTEL_EXPORTER_OTLP_TIMEOUT";

    /// <summary>Gives a service both connection strings, and starts it when both stores are ready.</summary>
    public static IResourceBuilder<ProjectResource> WithStores(this IResourceBuilder<ProjectResource> project, Stores stores)
    {
        project.WithReference(stores.Redis).WithReference(stores.Database).WithTelemetryTimeout();
        foreach (var store in stores.Ready)
        {
            project.WaitFor(store);
        }

        return project;
    }

    /// <summary>Tells a service what house it is in: all that the AppHost's own section <c>Venue</c> says, such as <c>Venue__TimeZone</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithVenue(this IResourceBuilder<ProjectResource> project)
    {
        foreach (var (key, value) in project.ApplicationBuilder.Configuration.GetSection("Venue").AsEnumerable())
        {
            if (value is not null)
            {
                project.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
            }
        }

        return project;
    }

    /// <summary>Lets a service that only the AppHost calls take any free HTTP port, instead of its launch profile's.</summary>
    public static IResourceBuilder<ProjectResource> WithHealthPort(this IResourceBuilder<ProjectResource> project) =>
        project
            .WithEndpoint("http", endpoint => endpoint.Port = null)
            .WithHttpHealthCheck("/health")
            .WithUrlForEndpoint("http", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);

    /// <summary>Lets a service listen itself, without Aspire's proxy between, which only this machine reaches.</summary>
    public static IResourceBuilder<ProjectResource> WithOwnPort(
        this IResourceBuilder<ProjectResource> project,
        string endpointName,
        string address,
        int port
    ) =>
        project.WithEndpoint(
            endpointName,
            endpoint =>
            {
                endpoint.TargetHost = address;
                endpoint.Port = endpoint.TargetPort = port;
                endpoint.IsProxied = false;
            }
        );

    /// <summary>
    /// Starts each service by the program that its build has made. Aspire starts it by <c>dotnet run</c>, which takes a second of processor to
    /// find that program and stays beside it. So it remains where an IDE or <c>dotnet watch</c> starts the services.
    /// </summary>
    public static void StartServicesAsBuilt(this IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (!builder.ExecutionContext.IsRunMode || configuration["DEBUG_SESSION_PORT"] is not null || configuration["DOTNET_WATCH"] is not null)
        {
            return;
        }

        // bin/{configuration}/{framework} of every project is alike.
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        // shared/{name of the framework}/{version} of where .NET is.
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            var project = service.GetProjectMetadata().ProjectPath;
            var folder = Path.GetDirectoryName(project)!;
            var program = Path.Combine(folder, "bin", own.Parent!.Name, own.Name, Path.GetFileNameWithoutExtension(project));
            program += OperatingSystem.IsWindows() ? ".exe" : "";
            if (File.Exists(program))
            {
                builder
                    .CreateResourceBuilder(service)
                    .WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = folder })
                    .WithEnvironment("DOTNET_ROOT", dotnet);
            }
        }
    }

    /// <summary>Adds taps that pour by themselves.</summary>
    public static IResourceBuilder<ProjectResource> AddSimulator(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ProjectResource> bridge,
        IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ParameterResource> adminKey
    ) =>
        builder
            .AddProject<Projects.Tap_Simulator>(name)
            .WithReference(bridge.GetEndpoint("mqtt"))
            .WithReference(api)
            .WaitFor(bridge)
            .WaitFor(api)
            .WithEnvironment("Simulator__AdminKey", adminKey)
            .WithTelemetryTimeout()
            .WithHealthPort();

    // The dashboard stops no later than the services do: they would send their last telemetry to nobody for ten seconds.
    private static IResourceBuilder<ProjectResource> WithTelemetryTimeout(this IResourceBuilder<ProjectResource> project) =>
        project.WithEnvironment(TelemetryTimeout, project.ApplicationBuilder.Configuration[TelemetryTimeout] ?? "2000");
}
