using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Redis;

namespace Aspire.Hosting;

/// <summary>Adds Redis containers. The stand-in has the model of them, and fails to start them.</summary>
public static class RedisBuilderExtensions
{
    private const int RedisPort = 6379;
    private const int InsightPort = 5540;

    /// <summary>Adds a Redis server with a random password.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port) =>
        builder.AddRedis(name, port, null);

    /// <summary>Adds a Redis server; with a random password when none is given.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var secret = password?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        return builder.AddResource(new RedisResource(name, secret))
            .WithImage("library/redis", "8.6").WithImageRegistry("docker.io")
            .WithEndpoint(port, RedisPort, name: RedisResource.PrimaryEndpointName);
    }

    /// <summary>Keeps the data in a volume.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), "/data", isReadOnly);

    /// <summary>Keeps the data in a folder of this machine.</summary>
    public static IResourceBuilder<RedisResource> WithDataBindMount(
        this IResourceBuilder<RedisResource> builder, string source, bool isReadOnly = false) => builder.WithBindMount(source, "/data", isReadOnly);

    /// <summary>Writes snapshots.</summary>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) => builder.WithArgs(
            "--save", ((int)(interval ?? TimeSpan.FromSeconds(60)).TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
            keysChangedThreshold.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Uses a password, or none.</summary>
    public static IResourceBuilder<RedisResource> WithPassword(
        this IResourceBuilder<RedisResource> builder, IResourceBuilder<ParameterResource>? password)
    {
        builder.Resource.PasswordParameter = password?.Resource;
        return builder;
    }

    /// <summary>Sets the port clients use.</summary>
    public static IResourceBuilder<RedisResource> WithHostPort(this IResourceBuilder<RedisResource> builder, int? port) =>
        builder.WithEndpoint(RedisResource.PrimaryEndpointName, endpoint => endpoint.Port = port);

    /// <summary>Sets the port of the page.</summary>
    public static IResourceBuilder<RedisInsightResource> WithHostPort(this IResourceBuilder<RedisInsightResource> builder, int? port) =>
        builder.WithEndpoint("http", endpoint => endpoint.Port = port);

    /// <summary>Adds the RedisInsight page, once for all servers.</summary>
    public static IResourceBuilder<RedisResource> WithRedisInsight(
        this IResourceBuilder<RedisResource> builder, Action<IResourceBuilder<RedisInsightResource>>? configureContainer = null, string? containerName = null)
    {
        var application = builder.ApplicationBuilder;
        var insight = application.Resources.OfType<RedisInsightResource>().SingleOrDefault() is { } existing
            ? application.CreateResourceBuilder(existing)
            : application.AddResource(new RedisInsightResource(containerName ?? "redisinsight"))
                .WithImage("redis/redisinsight", "3.2").WithImageRegistry("docker.io").WithHttpEndpoint(targetPort: InsightPort, name: "http");
        configureContainer?.Invoke(insight);
        return builder;
    }
}
