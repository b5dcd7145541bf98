using Npgsql;
using StackExchange.Redis;

namespace AppHost;

/// <summary>Redis and Postgres, however they run.</summary>
/// <param name="Redis">The Redis that keeps the stream.</param>
/// <param name="Database">The database <c>taproomdb</c>.</param>
/// <param name="Ready">What a service waits for before it starts.</param>
/// <param name="Where">Where they run and where their data is, as a sentence.</param>
/// <param name="PostgresVolume">The volume that holds the database; null without containers.</param>
internal sealed record Stores(
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IResourceBuilder<IResourceWithConnectionString> Database,
    IReadOnlyList<IResourceBuilder<IResource>> Ready,
    string Where,
    string? PostgresVolume = null
);

/// <summary>Adds the stores.</summary>
internal static class StoresExtensions
{
    /// <summary>Adds both stores: as containers where an engine answers, else as programs of this machine.</summary>
    public static Stores AddStores(this IDistributedApplicationBuilder builder, TaproomSettings settings)
    {
        var password = builder.AddSecret("postgres-password");
        return settings.Containers == true ? builder.AddContainerStores(password) : builder.AddLocalStores(password, settings.DataPath);
    }

    private static Stores AddContainerStores(this IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> password)
    {
        var redis = builder
            .AddRedis("redis")
            .WithDataVolume()
            .WithArgs("--maxmemory-policy", "noeviction")
            // An answer to a front door means: on disk.
            .WithArgs("--appendonly", "yes", "--appendfsync", "always")
            // Aspire starts it through a shell, which would keep SIGTERM to itself.
            .WithArgs(context => context.Args.Insert(0, "exec"))
            .WithContainerRuntimeArgs("--restart", "unless-stopped")
            .WithRedisInsight(insight => insight.WithExplicitStart(), "redisinsight");
        var postgres = builder
            .AddPostgres("postgres", password: password)
            .WithDataVolume()
            // Each service has a pool of its own; eng/local/postgres says the same.
            .WithArgs("-c", "max_connections=200")
            .WithContainerRuntimeArgs("--restart", "unless-stopped")
            .WithPgWeb(pgweb => pgweb.WithExplicitStart(), "pgweb");
        password.WithParentRelationship(postgres);
        var database = postgres.AddDatabase("taproomdb");
        var volume = postgres.Resource.Volume();
        return new Stores(
            redis,
            database,
            [redis, database],
            $"Redis and Postgres run in containers, with their data in the volumes {redis.Resource.Volume()} and {volume}.",
            volume
        );
    }

    private static Stores AddLocalStores(this IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> password, string dataPath)
    {
        var redis = builder
            .AddResource(new LocalRedis("redis", LocalServers.Script(builder, "redis"), builder.AppHostDirectory))
            .AsLocalServer(dataPath)
            .WithIconName("Memory");
        redis.WithHealthCheck(async cancellationToken =>
        {
            var address = await redis.Resource.ConnectionStringExpression.GetValueAsync(cancellationToken);
            await using var connection = await ConnectionMultiplexer.ConnectAsync(address!);
            await connection.GetDatabase().PingAsync();
        });

        var postgres = builder
            .AddExecutable("postgres", LocalServers.Script(builder, "postgres"), builder.AppHostDirectory)
            .AsLocalServer(dataPath)
            .WithEnvironment("POSTGRES_PASSWORD", password)
            .WithIconName("DatabaseMultiple");
        password.WithParentRelationship(postgres);
        var server = postgres.GetEndpoint(LocalServers.Endpoint);
        var database = builder
            .AddConnectionString(
                "taproomdb",
                ReferenceExpression.Create(
                    $"Host={server.Property(EndpointProperty.Host)};Port={server.Property(EndpointProperty.Port)};Username=postgres;Password={password};Database=taproomdb"
                )
            )
            .WithParentRelationship(postgres);
        postgres.WithHealthCheck(async cancellationToken =>
        {
            await using var connection = new NpgsqlConnection(await database.Resource.ConnectionStringExpression.GetValueAsync(cancellationToken));
            await connection.OpenAsync(cancellationToken);
        });
        return new Stores(redis, database, [redis, postgres], $"Redis and Postgres run as programs of this machine, with their data in {dataPath}.");
    }

    private static string Volume(this IResource resource) => resource.Annotations.OfType<ContainerMountAnnotation>().First().Source!;
}
