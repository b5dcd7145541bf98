using Xunit;

namespace Testing;

/// <summary>The servers that a collection of tests shares.</summary>
public sealed class Servers : IAsyncLifetime
{
    /// <summary>The Redis of the collection; each test uses stream keys of its own.</summary>
    public RedisServer Redis { get; } = new();

    /// <summary>The Postgres of the collection; each test uses a database of its own.</summary>
    public PostgresServer Postgres { get; } = new();

    /// <inheritdoc />
    public Task InitializeAsync() => Task.WhenAll(Redis.InitializeAsync(), Postgres.InitializeAsync());

    /// <inheritdoc />
    public Task DisposeAsync() => Task.WhenAll(Redis.DisposeAsync(), Postgres.DisposeAsync());

    /// <summary>Configuration of a service under test: these servers, and a database and stream keys that no other test has.</summary>
    public async Task<Dictionary<string, string?>> SettingsAsync()
    {
        var unique = Guid.NewGuid().ToString("N");
        return new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = Redis.ConnectionString,
            ["ConnectionStrings:taproomdb"] = await Postgres.CreateDatabaseAsync(),
            ["Ingest:Prefix"] = unique,
            ["Alerts:Interval"] = "00:00:01",
            // Its client tells of each connection in a hundred lines.
            ["Logging:LogLevel:StackExchange.Redis"] = "Warning",
        };
    }
}
