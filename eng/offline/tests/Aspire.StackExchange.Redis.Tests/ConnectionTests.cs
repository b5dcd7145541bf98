using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis.Tests;

public sealed class ConnectionTests(RedisServer server) : IClassFixture<RedisServer>
{
    [Fact]
    public void Failing_fast_is_the_only_backlog_policy()
    {
        var options = new ConfigurationOptions { BacklogPolicy = BacklogPolicy.FailFast };

        Assert.Same(BacklogPolicy.FailFast, options.BacklogPolicy);
        Assert.Throws<NotSupportedException>(() => options.BacklogPolicy = BacklogPolicy.Default);
    }

    [Fact]
    public async Task A_registered_connection_survives_a_killed_server()
    {
        await using var app = Build(server.ConnectionString);
        var database = app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var health = app.Services.GetRequiredService<HealthCheckService>();
        var id = await database.StreamAddAsync("kept", "n", 1);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);

        await server.KillAsync();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => database.StreamAddAsync("kept", "n", 2));
        Assert.True(refused is RedisConnectionException or TimeoutException, refused.ToString());
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);

        await server.StartAsync();
        await Poll.UntilAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Healthy);
        Assert.Equal(id, Assert.Single(await database.StreamRangeAsync("kept", id, id)).Id);
    }

    [Fact]
    public async Task A_frozen_server_is_not_waited_for_without_end()
    {
        await using var multiplexer = new Owned(await server.ConnectAsync());
        var database = multiplexer.Connection.GetDatabase();
        server.Freeze();
        try
        {
            await Assert.ThrowsAnyAsync<TimeoutException>(() => database.StreamAddAsync("frozen", "n", 1));
        }
        finally
        {
            server.Thaw();
        }

        await database.StreamAddAsync("frozen", "n", 2);
        Assert.Equal(2, await database.StreamLengthAsync("frozen"));
    }

    [Fact]
    public async Task A_missing_connection_string_is_named()
    {
        await using var app = Build(connectionString: null);

        var refused = Assert.Throws<InvalidOperationException>(() => app.Services.GetRequiredService<IConnectionMultiplexer>());

        Assert.Contains("ConnectionStrings:redis", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_and_options_can_be_changed_where_the_client_is_added()
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddKeyedRedisClient(
            "cache",
            settings => (settings.ConnectionString, settings.DisableHealthChecks) = (server.ConnectionString, true),
            options => options.ClientName = "taproom-test");
        await using var app = builder.Build();

        Assert.Equal("taproom-test", app.Services.GetRequiredKeyedService<IConnectionMultiplexer>("cache").ClientName);
        Assert.Null(app.Services.GetService<HealthCheckService>());
    }

    private sealed record Owned(ConnectionMultiplexer Connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Connection.CloseAsync();
    }

    private static WebApplication Build(string? connectionString)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:redis"] = connectionString;
        builder.AddRedisClient("redis", settings => settings.DisableTracing = true);
        return builder.Build();
    }
}
