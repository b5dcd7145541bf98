using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The page of what was poured of late.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class StatsTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task Days_are_those_of_the_visitors_clock_and_end_when_the_house_closes()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        foreach (var timeZone in (string[])["UTC", "Asia/Kathmandu", "America/New_York"])
        {
            var begin = BeginOfDay(TimeZoneInfo.FindSystemTimeZoneById(timeZone));
            await host.ExecuteSqlAsync($"DELETE FROM hour_totals");
            await PourAsync(host, begin.AddHours(-2), tapId: 1, litres: 1);
            await PourAsync(host, begin.AddHours(2), tapId: 2, litres: 4);
            await PourAsync(host, begin.AddHours(1), tapId: 3, litres: 3);
            var page = await Browser.VisitAsync(timeZone: timeZone);
            await host.OpenAsync(page, "stats");

            var week = page.GetByRole(AriaRole.Img, new() { NameRegex = new("By day") });
            await Expect(week).ToHaveAccessibleNameAsync(new Regex(@" 1\.0 L, .* 7\.0 L$"));
            await Expect(page.Locator("figcaption", new() { HasText = "By day" })).ToContainTextAsync("a day ends at 04:00");
            await Expect(page.Locator("[data-top]")).ToHaveCountAsync(3);
            await Expect(page.Locator("[data-top]").First).ToHaveAttributeAsync("data-top", "2");
            await Expect(page.Locator("#today")).ToContainTextAsync("until then");
        }
    }

    [Fact]
    public async Task The_page_fits_every_screen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync((1, "Bar left"), (2, "The extraordinarily long-named counter at the far end of the beer garden"));
        await host.ExecuteSqlAsync(
            $"INSERT INTO hour_totals (hour, tap_id, pours, volume_ml) SELECT date_trunc('hour', now()) - n * interval '1 hour', 1 + n % 3, 3, 4000 * (1 + sin(n / 4.0)) FROM generate_series(0, 200) AS n"
        );
        await host.PutKegAsync(tapId: 1, "Old Foghorn's <b>Extraordinarily</b> Long-Named Barleywine", sizeMl: 30_000);
        await host.StoreAsync(await host.AppendAsync(500, tapId: 1));
        await host.StoreAsync(await host.AppendAsync(700, tapId: 1));
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.OpenAsync(page, "stats");
        await Expect(page.Locator("[data-beverage]")).ToContainTextAsync("1.2 L in 2 pours");
        await Expect(page.Locator("[data-top]")).ToHaveCountAsync(3);
        await Expect(page.Locator("[data-top='2']")).ToContainTextAsync("extraordinarily");
        await Chromium.FitsAsync(page, ("stats", 1440, 900, ColorScheme.Light), ("stats-phone", 320, 700, ColorScheme.Dark));
    }

    // At four o'clock, where nobody has set it.
    private static DateTimeOffset BeginOfDay(TimeZoneInfo zone)
    {
        var begin = TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, zone).AddHours(-4).Date.AddHours(4);
        return new DateTimeOffset(begin, zone.GetUtcOffset(begin)).ToUniversalTime();
    }

    // What a worker keeps with the pours.
    private static Task PourAsync(LivePageHost host, DateTimeOffset at, int tapId, int litres) =>
        host.ExecuteSqlAsync(
            $"INSERT INTO hour_totals (hour, tap_id, pours, volume_ml) VALUES (date_trunc('hour', {at}, 'UTC'), {tapId}, {litres}, {litres * 1_000}) ON CONFLICT (hour, tap_id) DO UPDATE SET volume_ml = hour_totals.volume_ml + excluded.volume_ml"
        );
}
