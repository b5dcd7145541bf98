using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mqtt.Bridge.HomeAssistant;
using Npgsql;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>What announcing costs where nothing happens, and what it does where Postgres is away.</summary>
[Collection(nameof(ServersCollection))]
public sealed class QuietTests(Servers servers)
{
    [Fact]
    public async Task An_idle_bridge_asks_Postgres_nothing_and_all_taps_that_have_changed_in_one_query()
    {
        const int Taps = 20;
        using var spans = new RecordedSpans("Npgsql");
        await using var venue = await Venue.OpenAsync(servers);
        await ChangeAllAsync(venue, $"INSERT INTO taps (id, name, registered_at) SELECT n, 'old', now() FROM generate_series(1, {Taps}) AS n", Taps);
        using var home = await venue.ConnectAsync();
        await Eventually.TrueAsync(() => Task.FromResult(home.Messages.Count == (2 * Taps) + 1), "all taps are announced");
        // One more announcer, whose turns this test drives: there is nothing to do for it after the first, nor for the bridge's own.
        var announcer = ActivatorUtilities.CreateInstance<TapAnnouncer>(venue.Bridge.Get<IServiceProvider>());
        Assert.True(await announcer.TurnAsync(CancellationToken.None));
        // What was told while it was read is read once more, a second later.
        await Eventually.TrueAsync(
            () => Task.FromResult(spans.Ended.Where(IsOfVenue).Max(span => span.StartTimeUtc) < DateTime.UtcNow.AddSeconds(-3)),
            "nothing is read any more"
        );
        var before = spans.Ended.Count(IsOfVenue);

        for (var turn = 0; turn < 100; turn++)
        {
            Assert.False(await announcer.TurnAsync(CancellationToken.None));
        }

        Assert.Equal(0, Queries());
        await ChangeAllAsync(venue, $"UPDATE taps SET name = 'new'", Taps);
        await Eventually.TrueAsync(
            () => Task.FromResult(home.Messages.Count(message => message.Value.Contains("\"new\"", StringComparison.Ordinal)) == Taps),
            "all names are new"
        );
        // One is the update; the first tap that is heard of may be read before the others.
        Assert.InRange(Queries(), 2, 4);

        int Queries() => spans.Ended.Count(IsOfVenue) - before;
        bool IsOfVenue(Activity span) => span.GetTagItem("db.namespace") is string name && name == venue.Database;
    }

    [Fact]
    public async Task Without_Postgres_pours_are_taken_and_the_states_follow_when_it_is_back()
    {
        var database = new NpgsqlConnectionStringBuilder(await servers.Postgres.CreateDatabaseAsync());
        await using var relay = new TcpRelay(database.Port);
        database.Port = relay.Port;
        await using var venue = await Venue.OpenAsync(servers, null, ("ConnectionStrings:taproomdb", $"{database};Timeout=1;Command Timeout=1"));
        await venue.RegisterAsync(7);
        using var home = await venue.ConnectAsync();
        await home.StateAsync(7, _ => true, "the state is there");

        var away = relay.SilenceAsync(TimeSpan.FromSeconds(4));
        await venue.Bridge.Get<TapChanges>().PublishAsync(7);
        using var tap = await venue.Bridge.ConnectAsync("7");
        var answer = await tap.PublishAsync(PourTests.Pour("taps/7/pours", """{"volume":473}"""));

        Assert.True(answer.IsSuccess);
        Assert.Equal(HealthStatus.Healthy, await venue.Bridge.HealthAsync());
        await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 0, "what was known is still there");
        await away;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await venue.PourAsync(7, 500);
                    return true;
                }
                catch (Exception ex) when (ex is NpgsqlException or TimeoutException or InvalidOperationException)
                {
                    return false;
                }
            },
            "a pour is stored"
        );
        await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() > 0, "the pour counts", TimeSpan.FromSeconds(60));
    }

    private static async Task ChangeAllAsync(Venue venue, FormattableString sql, int taps)
    {
        await venue.ExecuteAsync(db => db.Database.ExecuteSqlAsync(sql));
        await Task.WhenAll(Enumerable.Range(1, taps).Select(venue.Bridge.Get<TapChanges>().PublishAsync));
    }
}
