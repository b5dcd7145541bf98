using Dashboard.Web.Board;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed class StatusTests(Servers servers)
{
    [Fact]
    public async Task A_tap_is_online_while_a_bridge_has_it_and_offline_after_that_and_one_that_pours_over_HTTP_is_online()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.StartAsync();
        await dashboard.AppendAsync(500, tapId: 3);
        await dashboard.AppendAsync(500, tapId: 4);
        await StatusIsAsync(dashboard, 3, TapStatus.Online);

        await Presence(dashboard).ConnectedAsync([3]);
        await StatusIsAsync(dashboard, 3, TapStatus.Online);
        await Presence(dashboard).DisconnectedAsync(3);
        await StatusIsAsync(dashboard, 3, TapStatus.Offline);
        await StatusIsAsync(dashboard, 4, TapStatus.Online);

        await using var restarted = dashboard.Sibling();
        await restarted.StartAsync();
        await StatusIsAsync(restarted, 3, TapStatus.Offline);
        await StatusIsAsync(restarted, 4, TapStatus.Online);
    }

    [Fact]
    public async Task Taps_that_have_not_poured_are_shown_while_they_are_online_or_registered()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.RegisterAsync(9, "Garden");
        await Presence(dashboard).ConnectedAsync([2, 12]);
        await dashboard.StartAsync();

        await TapsAreAsync(dashboard, (2, null, TapStatus.Online), (9, "Garden", TapStatus.Offline), (12, null, TapStatus.Online));
        await Presence(dashboard).ConnectedAsync([9]);
        await Presence(dashboard).DisconnectedAsync(2);
        await TapsAreAsync(dashboard, (9, "Garden", TapStatus.Online), (12, null, TapStatus.Online));
        await Presence(dashboard).DisconnectedAsync(9);
        await TapsAreAsync(dashboard, (9, "Garden", TapStatus.Offline), (12, null, TapStatus.Online));
        await dashboard.ExecuteSqlAsync($"DELETE FROM taps WHERE id = 9");
        await TapsAreAsync(dashboard, (12, null, TapStatus.Online));
    }

    [Fact]
    public async Task What_a_killed_bridge_has_said_expires()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.AppendAsync(500, tapId: 1);
        await dashboard.AppendAsync(500, tapId: 2);
        await SaidAsync(dashboard, 1, TapPresence.GoneAfter + TimeSpan.FromSeconds(1));
        await SaidAsync(dashboard, 2, TimeSpan.Zero);
        await dashboard.StartAsync();

        await StatusIsAsync(dashboard, 1, TapStatus.Offline);
        await StatusIsAsync(dashboard, 2, TapStatus.Online);
    }

    [Fact]
    public Task Nobody_is_said_to_be_online_or_offline_while_Redis_is_away_and_until_the_bridges_have_spoken_again() =>
        WithRedisAsync(
            async (redis, dashboard) =>
            {
                await SaidAsync(dashboard, 1, TapPresence.GoneAfter);
                await redis.StopAsync();
                await TapsAreAsync(dashboard, (1, "Left", TapStatus.Unknown), (2, "Right", TapStatus.Unknown));

                // The new server counts its commands from nothing: the dashboard reads what has expired before the bridge says it again.
                await redis.StartAsync();
                await using var admin = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true");
                await Eventually.TrueAsync(async () => await HasReadAsync(admin.GetDatabase()), "the dashboard has read");
                await Presence(dashboard).ConnectedAsync([1]);
                var seen = new HashSet<TapStatus>();
                await Eventually.TrueAsync(
                    () => Task.FromResult(seen.Add(dashboard.Tap(1)!.Status) && seen.Contains(TapStatus.Online)),
                    "tap 1 is online again",
                    TimeSpan.FromSeconds(60)
                );
                Assert.DoesNotContain(TapStatus.Offline, seen);
                await StatusIsAsync(dashboard, 2, TapStatus.Offline);
            }
        );

    [Fact]
    public Task A_Redis_that_hangs_makes_the_status_unknown_too() =>
        WithRedisAsync(
            async (redis, dashboard) =>
            {
                await redis.PauseAsync();
                await TapsAreAsync(dashboard, (1, "Left", TapStatus.Unknown), (2, "Right", TapStatus.Unknown));
                await redis.ResumeAsync();
            }
        );

    [Theory]
    [InlineData("seven", "1")]
    [InlineData("7", "soon")]
    [InlineData("7", "")]
    public async Task A_field_that_no_bridge_wrote_is_not_taken_for_a_tap_that_is_online(string field, string value)
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard
            .Services.GetRequiredService<IConnectionMultiplexer>()
            .GetDatabase()
            .HashSetAsync(dashboard.Services.GetRequiredService<IOptions<IngestOptions>>().Value.PresenceKey, field, value);
        await Presence(dashboard).ConnectedAsync([3]);
        await dashboard.StartAsync();

        await TapsAreAsync(dashboard, (3, null, TapStatus.Online));
    }

    /// <summary>Runs a test with a Redis of its own, where tap 1 is online and tap 2 has left.</summary>
    private async Task WithRedisAsync(Func<RedisServer, Dashboard, Task> test)
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var dashboard = await Dashboard.CreateAsync(servers, new HastyClock(), ("ConnectionStrings:redis", redis.ConnectionString));
            await dashboard.RegisterAsync(1, "Left");
            await dashboard.RegisterAsync(2, "Right");
            await Presence(dashboard).ConnectedAsync([1]);
            await Presence(dashboard).DisconnectedAsync(2);
            await dashboard.StartAsync();
            await TapsAreAsync(dashboard, (1, "Left", TapStatus.Online), (2, "Right", TapStatus.Offline));
            await test(redis, dashboard);
        }
        finally
        {
            await redis.KillAsync();
            await redis.DisposeAsync();
        }
    }

    private static async Task<bool> HasReadAsync(IDatabase database)
    {
        try
        {
            return ((string?)await database.ExecuteAsync("INFO", "commandstats"))!.Contains("cmdstat_hgetall:", StringComparison.Ordinal);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private static TapPresence Presence(Dashboard dashboard) => dashboard.Services.GetRequiredService<TapPresence>();

    private static Task SaidAsync(Dashboard dashboard, int tapId, TimeSpan ago) =>
        new TapPresence(
            dashboard.Services.GetRequiredService<IConnectionMultiplexer>(),
            dashboard.Services.GetRequiredService<IOptions<IngestOptions>>(),
            new Earlier(ago)
        ).ConnectedAsync([tapId]);

    private static Task StatusIsAsync(Dashboard dashboard, int tapId, TapStatus status) =>
        Eventually.TrueAsync(() => Task.FromResult(dashboard.Tap(tapId)?.Status == status), $"tap {tapId} is {status}");

    private static Task TapsAreAsync(Dashboard dashboard, params (int TapId, string? Name, TapStatus Status)[] taps) =>
        Eventually.TrueAsync(
            () => Task.FromResult(dashboard.Board.View().Taps.Select(tap => (tap.TapId, tap.Name, tap.Status)).SequenceEqual(taps)),
            $"the taps are {string.Join(", ", taps)}"
        );

    private sealed class Earlier(TimeSpan ago) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - ago;
    }
}
