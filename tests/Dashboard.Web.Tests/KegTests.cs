using Dashboard.Web.Board;
using Testing;

namespace Dashboard.Web.Tests;

[Collection(nameof(ServersCollection))]
public sealed class KegTests(Servers servers)
{
    [Fact]
    public async Task The_level_of_a_keg_follows_pours_at_once_and_deletions()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.PutKegAsync(tapId: 4, sizeMl: 1000);
        await dashboard.StartAsync();
        var unused = dashboard.Tap(4)!;
        Assert.Equal(
            new TapView(4, null, unused.Status, 0, 0, null, unused.Activity, unused.Mix, new KegView("Pils", 1000, 1000, IsLow: false)),
            unused with
            {
                Keg = unused.Keg! with { KegId = default },
            }
        );

        // Nothing is stored yet.
        var first = await dashboard.AppendAsync(500, tapId: 4);
        await ShowsAsync(dashboard, new KegView("Pils", 1000, 500, IsLow: false));
        var second = await dashboard.AppendAsync(360, tapId: 4);
        await ShowsAsync(dashboard, new KegView("Pils", 1000, 140, IsLow: true));

        await dashboard.StoreAsync(first, second);
        await dashboard.ShowsAsync(4, pours: 2, volumeMl: 860);
        await dashboard.DeleteAsync(first);
        await ShowsAsync(dashboard, new KegView("Pils", 1000, 640, IsLow: false));
        await dashboard.AppendAsync(100, tapId: 4);
        await ShowsAsync(dashboard, new KegView("Pils", 1000, 540, IsLow: false));
    }

    [Fact]
    public async Task A_keg_that_is_changed_or_taken_off_is_shown_so()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers);
        await dashboard.PutKegAsync(tapId: 4, sizeMl: 1000);
        await dashboard.StartAsync();
        await dashboard.AppendAsync(500, tapId: 4);
        await ShowsAsync(dashboard, new KegView("Pils", 1000, 500, IsLow: false));

        await dashboard.PutKegAsync(tapId: 4, sizeMl: 30_000);
        await ShowsAsync(dashboard, new KegView("Pils", 30_000, 29_500, IsLow: false));
        await dashboard.PutKegAsync(tapId: 4, sizeMl: null);
        await ShowsAsync(dashboard, null);
    }

    [Fact]
    public async Task A_tap_shows_its_latest_temperature_for_an_hour_and_when_its_keg_will_be_empty()
    {
        await using var dashboard = await Dashboard.CreateAsync(servers, ("Dashboard:FactsInterval", "00:00:00.200"));
        foreach (var tapId in (int[])[4, 5, 6, 7])
        {
            await dashboard.PutKegAsync(tapId, sizeMl: 10_000);
        }

        // A newer reading without it does not hide a temperature, and what a tap read while it was offline is as old as it says.
        var now = DateTimeOffset.UtcNow;
        await ReadAsync(dashboard, "4", now.AddMinutes(-20), """{"temperatureC":9}""");
        await ReadAsync(dashboard, "4", now.AddMinutes(-12), """{"temperatureC":4.5,"odometer":5}""");
        await ReadAsync(dashboard, "4", now, """{"odometer":7}""");
        await ReadAsync(dashboard, "5", now.AddMinutes(-61), """{"temperatureC":4.5}""");
        await ReadAsync(dashboard, "6", now, $$"""{"temperatureC":4.5,"readAt":"{{now.AddHours(-2):O}}"}""");
        await ReadAsync(dashboard, "7", now.AddMinutes(-5), """{"temperatureC":-1,"readAt":"2095-01-01T00:00:00Z"}""");
        await dashboard.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = tapped_at - interval '1 hour'");
        await dashboard.StoreAsync([.. Enumerable.Range(0, 5).Select(_ => Dashboard.Entry(500, tapId: 4))]);
        await dashboard.StoreAsync([.. Enumerable.Range(0, 4).Select(_ => Dashboard.Entry(500, tapId: 5))]);
        await dashboard.StartAsync();

        // 2.5 L in the last hour, 7.5 L are left.
        await Eventually.TrueAsync(() => Task.FromResult(dashboard.Tap(4)?.Keg?.MinutesLeft == 180), "tap 4 has a forecast");
        Assert.Equal(4.5m, dashboard.Tap(4)!.Temperature!.Celsius);
        Assert.Equal(-12, (dashboard.Tap(4)!.Temperature!.At - now).TotalMinutes, 0.01);
        Assert.Equal((null, null), (dashboard.Tap(5)!.Temperature, dashboard.Tap(5)!.Keg!.MinutesLeft));
        Assert.Null(dashboard.Tap(6)!.Temperature);
        Assert.Equal(-1, dashboard.Tap(7)!.Temperature!.Celsius);

        await ReadAsync(dashboard, "6", now, """{"temperatureC":6}""");
        await dashboard.PutKegAsync(tapId: 4, sizeMl: 20_000);
        await Eventually.TrueAsync(
            () => Task.FromResult((dashboard.Tap(6)!.Temperature?.Celsius, dashboard.Tap(4)!.Keg!.MinutesLeft) == (6, null)),
            "tap 6 has a temperature, and the new keg of tap 4 no forecast"
        );
    }

    private static Task ReadAsync(Dashboard dashboard, string tap, DateTimeOffset at, string json) =>
        dashboard.ExecuteSqlAsync($"INSERT INTO readings (id, device, received_at, body) VALUES ({Guid.NewGuid()}, {tap}, {at}, {json})");

    private static Task ShowsAsync(Dashboard dashboard, KegView? keg) =>
        Eventually.TrueAsync(
            () => Task.FromResult(dashboard.Tap(4) is { } tap && (tap.Keg is null ? null : tap.Keg with { KegId = default }) == keg),
            $"tap 4 shows {keg}"
        );
}
