namespace AppHost;

/// <summary>Redis and Postgres, however they run.</summary>
/// <param name="Redis">The Redis that keeps the stream.</param>
/// <param name="Database">The database <c>taproomdb</c>.</param>
/// <param name="Ready">What a service waits for before it starts.</param>
internal sealed record Stores(
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IResourceBuilder<IResourceWithConnectionString> Database,
    IReadOnlyList<IResourceBuilder<IResource>> Ready
);

/// <summary>Adds the stores, and what the services have in common.</summary>
internal static class StoresExtensions
{
    /// <summary>Adds both stores as containers with data volumes, and a browser for each.</summary>
    public static Stores AddContainerStores(this IDistributedApplicationBuilder builder)
    {
        var redis = builder
            .AddRedis("redis")
            .WithDataVolume()
            // An answer to a front door means: on disk.
            .WithArgs("--appendonly", "yes", "--appendfsync", "always")
            .WithRedisInsight();
        var database = builder.AddPostgres("postgres").WithDataVolume().WithPgWeb().AddDatabase("taproomdb");
        return new Stores(redis, database, [redis, database]);
    }

    /// <summary>Adds both stores as programs of this machine with their data below <paramref name="dataPath"/>.</summary>
    public static Stores AddLocalStores(this IDistributedApplicationBuilder builder, string dataPath)
    {
        var redis = builder
            .AddResource(new LocalRedis("redis", builder.Script("redis"), builder.AppHostDirectory))
            .AsLocalServer(dataPath, "PING\r\n"u8.ToArray());

        var password = builder.AddKeptSecret("postgres-password", dataPath);
        var postgres = builder
            .AddExecutable("postgres", builder.Script("postgres"), builder.AppHostDirectory)
            // An SSLRequest.
            .AsLocalServer(dataPath, [0, 0, 0, 8, 4, 210, 22, 47])
            .WithEnvironment("POSTGRES_PASSWORD", password);
        var server = postgres.GetEndpoint(LocalServers.Endpoint);
        var database = builder.AddConnectionString(
            "taproomdb",
            ReferenceExpression.Create(
                $"Host={server.Property(EndpointProperty.Host)};Port={server.Property(EndpointProperty.Port)};Username=postgres;Password={password};Database=taproomdb"
            )
        );
        return new Stores(redis, database, [redis, postgres]);
    }

    /// <summary>Lets a service that only health checks call take any free port, instead of its launch profile's.</summary>
    public static IResourceBuilder<ProjectResource> WithFreeHttpPort(this IResourceBuilder<ProjectResource> project) =>
        project.WithEndpoint("http", endpoint => endpoint.Port = null);

    /// <summary>Gives a service both connection strings, and starts it when both stores are ready.</summary>
    public static IResourceBuilder<ProjectResource> WithStores(this IResourceBuilder<ProjectResource> project, Stores stores)
    {
        project.WithReference(stores.Redis).WithReference(stores.Database);
        foreach (var store in stores.Ready)
        {
            project.WaitFor(store);
        }

        return project;
    }
}
