using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Signals;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>The states of taps at the bridge's own listener follow what happens.</summary>
[Collection(nameof(ServersCollection))]
public sealed class StateTests(Servers servers)
{
    [Fact]
    public async Task A_tap_without_anything_is_announced_and_says_null_for_what_is_not_known()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        using var home = await venue.ConnectAsync();

        await home.MessageAsync("homeassistant/device/taproom_tap_7/config");
        var state = await home.StateAsync(7, _ => true, "the state is there");

        Assert.Equal(0, state.GetProperty("pours_today").GetInt64());
        Assert.Equal("OFF", state.GetProperty("online").GetString());
        foreach (var unknown in new[] { "beverage", "keg_level_ml", "keg_level_percent", "last_pour_at", "last_pour_ml", "temperature_c" })
        {
            Assert.Equal(JsonValueKind.Null, state.GetProperty(unknown).ValueKind);
        }

        Assert.Equal("online", await home.MessageAsync("taproom/status"));
    }

    [Fact]
    public async Task A_state_follows_a_keg_a_pour_its_deletion_and_a_temperature()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        await venue.RegisterAsync(8);
        await venue.AnnouncedAsync(2);
        using var home = await venue.ConnectAsync();
        await venue.PutKegAsync(7, "Märzen", 30_000);
        var state = await home.StateAsync(7, s => s.GetProperty("beverage").GetString() == "Märzen", "the keg is there");
        Assert.Equal((30_000m, 100m), (state.GetProperty("keg_level_ml").GetDecimal(), state.GetProperty("keg_level_percent").GetDecimal()));

        var first = await venue.PourAsync(7, 500);
        var second = await venue.PourAsync(7, 250.5m);
        state = await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 2, "both pours count");
        Assert.Equal(0.75m, state.GetProperty("litres_today").GetDecimal());
        Assert.Equal((29_250m, 97.5m), (state.GetProperty("keg_level_ml").GetDecimal(), state.GetProperty("keg_level_percent").GetDecimal()));
        Assert.Equal(250.5m, state.GetProperty("last_pour_ml").GetDecimal());
        Assert.InRange(state.GetProperty("last_pour_at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);

        await venue.DeletePourAsync(second);
        state = await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "the deleted pour does not count");
        Assert.Equal((0.5m, 500m), (state.GetProperty("litres_today").GetDecimal(), state.GetProperty("last_pour_ml").GetDecimal()));
        Assert.NotEqual(first, second);

        await venue.ReadAsync(7, """{"temperatureC":4.25}""");
        await home.StateAsync(7, s => s.GetProperty("temperature_c").ValueKind is JsonValueKind.Number, "the temperature is there");
        // A reading of another sensor does not hide it, nor one that Postgres cannot look into.
        foreach (var body in OddReadings.All.Append("""{"pressureKPa":90}"""))
        {
            await venue.ReadAsync(7, body);
        }

        await venue.TakeKegOffAsync(7);
        state = await home.StateAsync(7, s => s.GetProperty("beverage").ValueKind is JsonValueKind.Null, "the keg is off");
        Assert.Equal(4.5m, state.GetProperty("temperature_c").GetDecimal());
        Assert.Equal(JsonValueKind.Null, state.GetProperty("keg_level_ml").ValueKind);

        Assert.Single(home.Heard, heard => heard.Topic == "taproom/taps/8/state");
    }

    [Fact]
    public async Task A_state_says_whether_the_tap_is_online()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        using var home = await venue.ConnectAsync();
        await home.StateAsync(7, s => s.GetProperty("online").GetString() == "OFF", "the tap is away");

        using (var tap = await venue.Bridge.ConnectAsync("7"))
        {
            await home.StateAsync(7, s => s.GetProperty("online").GetString() == "ON", "the tap is there");
            await tap.DisconnectAsync();
        }

        await home.StateAsync(7, s => s.GetProperty("online").GetString() == "OFF", "the tap is away again");
    }

    [Fact]
    public async Task A_tap_that_is_connected_to_another_bridge_is_online_here_too()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        await using var other = await venue.Bridge.StartBesideAsync();
        using var home = await venue.ConnectAsync();
        using var there = await RetainedView.ConnectAsync(other.Port, Venue.User, Venue.Password);

        using var tap = await other.ConnectAsync("7");

        await there.StateAsync(7, s => s.GetProperty("online").GetString() == "ON", "its own bridge says so");
        await home.StateAsync(7, s => s.GetProperty("online").GetString() == "ON", "the other one says so");
    }

    [Fact]
    public async Task A_tap_that_is_renamed_is_announced_again_and_one_that_is_removed_is_gone()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        await venue.PourAsync(7, 500);
        using var home = await venue.ConnectAsync();
        await home.MessageAsync("homeassistant/device/taproom_tap_7/config");

        await venue.RegisterAsync(7, "Bar right");
        await Eventually.TrueAsync(
            () => Task.FromResult(home.Messages["homeassistant/device/taproom_tap_7/config"].Contains("\"Bar right\"", StringComparison.Ordinal)),
            "the new name is announced"
        );

        await venue.RemoveAsync(7);
        await home.GoneAsync("homeassistant/device/taproom_tap_7/config");
        await home.GoneAsync("taproom/taps/7/state");
        using var later = await venue.ConnectAsync();
        await later.MessageAsync("taproom/status");
        Assert.Equal(["taproom/status"], later.Messages.Keys);
    }

    [Fact]
    public async Task A_tap_that_is_not_registered_is_not_announced()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.PourAsync(6, 500);
        await venue.RegisterAsync(7);
        using var home = await venue.ConnectAsync();

        await home.MessageAsync("homeassistant/device/taproom_tap_7/config");

        Assert.DoesNotContain(home.Messages.Keys, topic => topic.Contains('6', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_state_that_is_the_same_is_not_published_again()
    {
        await using var venue = await Venue.OpenAsync(servers);
        await venue.RegisterAsync(7);
        await venue.AnnouncedAsync(1);
        using var home = await venue.ConnectAsync();
        await home.StateAsync(7, _ => true, "the state is there");

        await venue.ReadAsync(7, """{"pressureKPa":90}""");
        await venue.RegisterAsync(7);
        await venue.PourAsync(7, 500);

        await home.StateAsync(7, s => s.GetProperty("pours_today").GetInt64() == 1, "the pour counts");
        Assert.Equal(2, home.Heard.Count(heard => heard.Topic == "taproom/taps/7/state"));
        Assert.Single(home.Heard, heard => heard.Topic == "homeassistant/device/taproom_tap_7/config");
    }

    [Fact]
    public async Task The_counts_begin_again_at_midnight_of_the_venue_without_a_pour()
    {
        // 22:59 in Kolkata, which is five and a half hours ahead: no whole hour of UTC.
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 29, 17, 29, 0, TimeSpan.Zero));
        await using var venue = await Venue.OpenAsync(servers, time, ("HomeAssistant:TimeZone", "Asia/Kolkata"));
        await venue.RegisterAsync(7);
        // One of yesterday in an hour that is cut, one at the first moment of today, one in a whole hour, one just now, one of tomorrow.
        var midnight = new DateTimeOffset(2026, 11, 28, 18, 30, 0, TimeSpan.Zero);
        foreach (var at in new[] { midnight.AddMilliseconds(-1), midnight, midnight.AddHours(10), time.GetUtcNow(), midnight.AddDays(1) })
        {
            await venue.PourAsync(7, 500, at);
        }

        using var home = await venue.ConnectAsync();
        await time.AdvanceUntilAsync(
            () => home.Messages.GetValueOrDefault("taproom/taps/7/state")?.Contains("\"pours_today\":3,") is true,
            TimeSpan.FromMilliseconds(100)
        );
        var state = await home.StateAsync(7, _ => true, "the state is there");
        Assert.Equal(1.5m, state.GetProperty("litres_today").GetDecimal());
        Assert.Equal(midnight, state.GetProperty("day_began").GetDateTimeOffset());

        time.Advance(TimeSpan.FromHours(1.1));
        await time.AdvanceUntilAsync(() => home.Messages["taproom/taps/7/state"].Contains("\"pours_today\":1,"), TimeSpan.FromSeconds(5));

        state = await home.StateAsync(7, _ => true, "the state is there");
        Assert.Equal(midnight.AddDays(1), state.GetProperty("day_began").GetDateTimeOffset());
    }

    [Fact]
    public async Task Four_hundred_busy_taps_take_few_messages_of_bounded_size()
    {
        const int Taps = 400;
        await using var venue = await Venue.OpenAsync(servers);
        await venue.ExecuteAsync(db =>
            Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.ExecuteSqlAsync(
                db.Database,
                $"INSERT INTO taps (id, name, registered_at) SELECT n, repeat('🍺', 100), now() FROM generate_series(1, {Taps}) AS n"
            )
        );
        await Task.WhenAll(Enumerable.Range(1, Taps).Select(venue.Bridge.Get<TapChanges>().PublishAsync));
        await venue.AnnouncedAsync(Taps);
        using var home = await venue.ConnectAsync();
        await Eventually.TrueAsync(() => Task.FromResult(home.Messages.Count == (2 * Taps) + 1), "all announcements are heard");
        var before = home.Heard.Count;

        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(
                Enumerable
                    .Range(1, Taps)
                    .Chunk(20)
                    .Select(async taps =>
                    {
                        foreach (var tap in taps)
                        {
                            await venue.PourAsync(tap, 500);
                        }
                    })
            );
        }

        foreach (var tap in Enumerable.Range(1, Taps))
        {
            await home.StateAsync(tap, s => s.GetProperty("pours_today").GetInt64() == 5, $"all pours of tap {tap} count");
        }

        // With the longest of names and beverages.
        await venue.PutKegAsync(7, string.Concat(Enumerable.Repeat("🍺", 100)), 30_000);
        await home.StateAsync(7, state => state.GetProperty("beverage").ValueKind is JsonValueKind.String, "the keg is there");
        Assert.All(
            home.Messages,
            message =>
                Assert.InRange(
                    Encoding.UTF8.GetByteCount(message.Value),
                    1,
                    message.Key.EndsWith("/config", StringComparison.Ordinal) ? 4_096 : 2_048
                )
        );
        Assert.InRange(home.Heard.Count - before, Taps, (5 * Taps) + 1);
    }
}
