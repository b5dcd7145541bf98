using System.Net;
using Dashboard.Web.Board;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;
using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed class AvailabilityTests(Servers servers)
{
    [Fact]
    public async Task The_page_stays_up_and_says_so_while_Redis_is_away_and_goes_on_when_it_is_back()
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var dashboard = await Dashboard.CreateAsync(servers, ("ConnectionStrings:redis", redis.ConnectionString));
            await dashboard.StartAsync();
            using var client = dashboard.CreateClient();
            await dashboard.AppendAsync(500, tapId: 1);
            await dashboard.ShowsAsync(1, pours: 1, volumeMl: 500);

            await redis.StopAsync();
            await StateIsAsync(dashboard, BoardState.StreamAway);
            Assert.Contains("Redis is away", await client.GetStringAsync("/"), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive")).StatusCode);

            await redis.StartAsync();
            await StateIsAsync(dashboard, BoardState.Live);
            await dashboard.AppendAsync(500, tapId: 1);
            await dashboard.ShowsAsync(1, pours: 2, volumeMl: 1000);
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task Pours_are_shown_while_Postgres_is_away()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await using var other = dashboard.With("ConnectionStrings:taproomdb", "Host=127.0.0.1;Port=1;Username=x;Password=x;Database=x");
        other.StartServer();
        using var watching = other.Watch();
        await StateIsAsync(other, BoardState.StoreAway);
        using var client = other.CreateClient();

        await other.AppendAsync(500, tapId: 1);
        await other.ShowsAsync(1, pours: 1, volumeMl: 500);

        Assert.Contains("Postgres is away", await client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task A_service_is_not_ready_before_a_worker_has_upgraded_the_schema()
    {
        var database = await servers.Postgres.CreateEmptyDatabaseAsync();
        await using var dashboard = await Dashboard.CreateAsync(servers, ("ConnectionStrings:taproomdb", database));
        dashboard.StartServer();
        using var client = dashboard.CreateClient();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health")).StatusCode);

        // What a worker does.
        await using var db = new TaproomDb(new DbContextOptionsBuilder<TaproomDb>().UseNpgsql(database).Options);
        await db.Database.MigrateAsync();

        await Eventually.TrueAsync(async () => (await client.GetAsync("/health")).IsSuccessStatusCode, "the service is ready");
    }

    [Fact]
    public async Task A_total_that_cannot_be_read_is_not_called_a_Postgres_that_is_away_and_pours_go_on()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await dashboard.ExecuteSqlAsync($"INSERT INTO taps (id, volume_ml) VALUES (9, 'NaN')");
        await StateIsAsync(dashboard, BoardState.StoreUnreadable);

        await dashboard.AppendAsync(500, tapId: 1);
        await dashboard.ShowsAsync(1, pours: 1, volumeMl: 500);

        await dashboard.ExecuteSqlAsync($"DELETE FROM taps WHERE id = 9");
        await StateIsAsync(dashboard, BoardState.Live);
    }

    [Fact]
    public async Task Every_answer_forbids_foreign_content_and_framing()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        using var client = dashboard.CreateClient();

        foreach (var path in new[] { "/", "/app.css", "/no-such-page" })
        {
            var answer = await client.GetAsync(path);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/no-such-page")).StatusCode);
        await Eventually.TrueAsync(async () => (await client.GetAsync("/health")).IsSuccessStatusCode, "it is ready");
    }

    private static Task StateIsAsync(Dashboard dashboard, BoardState state) =>
        Eventually.TrueAsync(() => Task.FromResult(dashboard.Board.View().State == state), $"the page says {state}");
}
