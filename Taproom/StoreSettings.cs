using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;
using Taproom.Ingest;

namespace Taproom;

/// <summary>How the stream and the store are set, for people: addresses without users and passwords.</summary>
public static class StoreSettings
{
    /// <summary>Where Redis is, and into how many partitions the stream is split.</summary>
    public static IEnumerable<(string Name, object? Value)> OfStream(IServiceProvider services)
    {
        var redis = services.GetRequiredService<IConnectionMultiplexer>();
        var isEncrypted = services.GetRequiredService<IOptions<ConfigurationOptions>>().Value.Ssl;
        yield return ("redis", string.Join(' ', redis.GetEndPoints().Select(Text)) + (isEncrypted ? " over TLS" : ""));
        var ingest = services.GetRequiredService<IOptions<IngestOptions>>().Value;
        yield return ("partitions", ingest.Partitions);
        yield return ("high-water mark", ingest.HighWaterMark);
    }

    /// <summary>Where Postgres is.</summary>
    public static IEnumerable<(string Name, object? Value)> OfStore(IServiceProvider services)
    {
        var connection = new NpgsqlConnectionStringBuilder(services.GetRequiredService<IConfiguration>().GetConnectionString("taproomdb"));
        yield return ("postgres", $"{connection.Host}:{connection.Port}/{connection.Database}");
    }

    private static string? Text(EndPoint server) => server is DnsEndPoint name ? $"{name.Host}:{name.Port}" : server.ToString();
}
