using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The page of one tap.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class TapPageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_card_leads_to_its_tap_with_what_it_poured_its_temperature_and_what_was_wrong()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await FillAsync(host);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        await page.Locator("[data-tap='7'] a.tap-number").ClickAsync();

        await Expect(page).ToHaveURLAsync($"{host.Address}taps/7");
        await Expect(page).ToHaveTitleAsync("Tap 7 · Taproom");
        await Expect(page.GetByText("Tap 7 was offline.")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-past]")).ToHaveCountAsync(1);
        await Expect(page.GetByText("4.5 °C", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("Of the last 2 readings: 3.9 °C to 4.5 °C.")).ToBeVisibleAsync();
        var week = page.GetByRole(AriaRole.Img, new() { NameRegex = new("Litres by day") });
        await Expect(week).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex(@" 0\.5 L, .* 1\.5 L$"));

        // It goes on by itself.
        var pour = await host.AppendAsync(500, tapId: 7);
        await Expect(page.Locator("[data-tap='7'] .tap-pours")).ToHaveTextAsync("4");
        await host.StoreAsync(pour);
        await Expect(week).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex(@" 2\.0 L$"));

        await page.GetByRole(AriaRole.Link, new() { Name = "All pours of this tap" }).ClickAsync();
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(4);
    }

    [Theory]
    [InlineData("99")]
    [InlineData("seven")]
    [InlineData("99999999999999999999")]
    public async Task A_tap_that_does_not_exist_is_said_so(string tap)
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, $"taps/{tap}");
        await Expect(page.GetByText($"There is no tap {tap}")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("tap", 1440, 900, ColorScheme.Dark)]
    [InlineData("tap-phone", 390, 844, ColorScheme.Light)]
    public async Task The_page_fits_every_screen(string name, int width, int height, ColorScheme colors)
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await FillAsync(host);
        await host.ExecuteSqlAsync(
            $"INSERT INTO hour_totals (hour, tap_id, pours, volume_ml) SELECT date_trunc('hour', now()) - n * interval '1 hour', 7, 3, 300 + 700 * (n % 5) FROM generate_series(2, 20) AS n"
        );
        var page = await Browser.VisitAsync(width, height, colors, ReducedMotion.Reduce);
        await host.OpenAsync(page, "taps/7");
        await Expect(page.GetByText("Tap 7 was offline.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Märzen")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, name);
    }

    private static async Task FillAsync(LivePageHost host)
    {
        await host.RegisterAsync((7, "Terrace"));
        await host.PutKegAsync(tapId: 7, "Märzen", sizeMl: 30_000);
        var before = DateTimeOffset.UtcNow.AddDays(-2);
        await host.StoreAsync(await host.AppendAsync(EntryKinds.Pour, $$"""{"volume":500,"pouredAt":"{{before:O}}"}""", "7", receivedAt: before));
        await host.StoreAsync(await host.AppendAsync(500, tapId: 7));
        await host.StoreAsync(await host.AppendAsync(1_000, tapId: 7));
        foreach (var body in (string[])["""{"temperatureC":3.9}""", """{"pressureKPa":80}""", """{"temperatureC":4.5}"""])
        {
            await host.ExecuteSqlAsync($"INSERT INTO readings (id, device, received_at, body) VALUES ({Guid.NewGuid()}, '7', now(), {body})");
        }

        await host.ExecuteSqlAsync(
            $$"""
            INSERT INTO alerts (id, kind, subject, message, data, began_at, ended_at, end_id, begin_told, end_told) VALUES
            ({{Guid.NewGuid()}}, 'tap-offline', '7', 'Tap 7 was offline.', '{"tapId":7}', now() - interval '3 hours', now() - interval '2 hours', {{Guid.NewGuid()}}, true, true),
            ({{Guid.NewGuid()}}, 'tap-offline', '77', 'Tap 77 was offline.', '{"tapId":77}', now() - interval '3 hours', now() - interval '2 hours', {{Guid.NewGuid()}}, true, true)
            """
        );
    }
}
