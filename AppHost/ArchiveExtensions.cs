using System.Globalization;

namespace AppHost;

/// <summary>Where a run keeps its archive.</summary>
internal enum ArchiveKind
{
    /// <summary>Nowhere.</summary>
    Off,

    /// <summary>In the data folder.</summary>
    Disk,

    /// <summary>In the data folder until an hour is over, then in the resource <c>s3</c>.</summary>
    S3,
}

/// <summary>Adds the archive.</summary>
internal static class ArchiveExtensions
{
    // What s3rver has for everybody.
    private const string Key = "S3RVER";
    private const string Bucket = "taproom";
    private const string S3rver = "s3rver@3.7.1";
    private const int ContainerPort = 4568;

    /// <summary>Has the worker keep an archive, and adds an S3-compatible server for tries, which waits until somebody starts it.</summary>
    public static IResourceBuilder<ProjectResource> WithArchive(this IResourceBuilder<ProjectResource> worker, TaproomSettings settings)
    {
        var port = LocalServers.FreePort();
        AddServer(worker.ApplicationBuilder, settings, port);
        if (settings.Archive is ArchiveKind.Off)
        {
            return worker;
        }

        worker.WithEnvironment("Archive__Path", Path.Combine(settings.DataPath, "archive"));
        return settings.Archive is ArchiveKind.Disk
            ? worker
            : worker
                .WithEnvironment("Archive__S3__ServiceUrl", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"))
                .WithEnvironment("Archive__S3__Bucket", Bucket)
                .WithEnvironment("Archive__S3__AccessKey", Key)
                .WithEnvironment("Archive__S3__SecretKey", Key)
                .WithEnvironment("Archive__S3__ForcePathStyle", "true");
    }

    private static void AddServer(IDistributedApplicationBuilder builder, TaproomSettings settings, int port)
    {
        const string name = "s3";
        if (settings.Containers == true)
        {
            builder
                .AddContainer(name, "node", "22-alpine")
                .WithEntrypoint("npx")
                .WithArgs("--yes", S3rver, "--address", "0.0.0.0", "--port", $"{ContainerPort}", "--directory", "/data")
                .WithArgs("--no-vhost-buckets", "--configure-bucket", Bucket)
                .WithVolume("taproom-s3", "/data")
                .AsServer(port, ContainerPort);
        }
        else
        {
            builder
                .AddExecutable(name, LocalServers.Script(builder, name), builder.AppHostDirectory)
                .WithArgs($"{port}", Path.Combine(settings.DataPath, name))
                .AsServer(port, port);
        }
    }

    private static void AsServer<T>(this IResourceBuilder<T> server, int port, int targetPort)
        where T : IResourceWithEndpoints, IResourceWithWaitSupport
    {
        server
            .WithHttpEndpoint(port, targetPort, isProxied: false)
            .WithHttpHealthCheck($"/{Bucket}")
            .WithIconName("CloudArchive")
            .WithExplicitStart();
    }
}
