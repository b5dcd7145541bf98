using System.Diagnostics;
using StackExchange.Redis;

namespace Testing;

/// <summary>A real Redis that syncs its append-only file on every write, as production does.</summary>
public sealed class RedisServer : LocalServer
{
    /// <summary>Connection string for StackExchange.Redis.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},abortConnect=false";

    /// <inheritdoc />
    protected override ProcessStartInfo Command() =>
        new(Path.Combine(Repository, "eng/local/redis"), [Port.ToString(), Path.Combine(DataPath, "data")]);

    /// <inheritdoc />
    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Port}");
            await redis.GetDatabase().PingAsync();
            return true;
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
