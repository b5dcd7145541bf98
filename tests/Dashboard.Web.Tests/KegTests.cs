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

    private static Task ShowsAsync(Dashboard dashboard, KegView? keg) =>
        Eventually.TrueAsync(
            () => Task.FromResult(dashboard.Tap(4) is { } tap && (tap.Keg is null ? null : tap.Keg with { KegId = default }) == keg),
            $"tap 4 shows {keg}"
        );
}
