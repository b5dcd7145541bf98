using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Taproom.Signals;
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
        var clock = new AheadClock();
        await using var host = await LivePageHost.StartAsync(servers, clock);
        await FillAsync(host);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        await page.Locator("[data-tap='7'] a.tap-number").ClickAsync();

        await Expect(page).ToHaveURLAsync($"{host.Address}taps/7");
        await Expect(page).ToHaveTitleAsync("Tap 7 · Taproom");
        await Expect(page.GetByText("Tap 7 is offline.")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-past]")).ToHaveCountAsync(1);
        await Expect(page.Locator(".reading", new() { HasText = "4.5 °C" })).ToBeVisibleAsync();
        await Expect(page.GetByText("The newest readings: 3.9 °C to 4.5 °C.")).ToBeVisibleAsync();
        var week = page.GetByRole(AriaRole.Img, new() { NameRegex = new("By day") });
        await Expect(week).ToHaveAccessibleNameAsync(new Regex(@" 0\.5 L, .* 1\.5 L$"));

        // It goes on by itself.
        var pour = await host.AppendAsync(500, tapId: 7);
        await Expect(page.Locator("[data-tap='7'] .tap-pours")).ToHaveTextAsync("4");
        await host.StoreAsync(pour);
        // So often it asks what is stored.
        clock.Ahead += TimeSpan.FromSeconds(10);
        await Expect(week).ToHaveAccessibleNameAsync(new Regex(@" 2\.0 L$"));

        await Expect(page.Locator("[data-past-pour]")).ToHaveCountAsync(4);
        await Expect(page.Locator($"[data-past-pour='{pour.Id}']")).ToContainTextAsync("500 mL pint");
        await Expect(page.Locator("#tap-readings li")).ToHaveTextAsync([new Regex("^4.5 °C"), new Regex("^80 kPa"), new Regex("^3.9 °C")]);

        await page.GetByRole(AriaRole.Link, new() { Name = "All pours of this tap" }).ClickAsync();
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task Temperature_and_level_are_lines_of_a_day_or_a_week_with_their_numbers_connections_are_listed_and_all_fits_every_screen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await FillAsync(host);
        await FillWeekAsync(host);
        var presence = host.Services.GetRequiredService<TapPresence>();
        await presence.ConnectedAsync([7]);
        await presence.DisconnectedAsync(7);
        await presence.ConnectedAsync([7]);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "taps/7");

        await Expect(page.Locator("#tap-connections li"))
            .ToHaveTextAsync([new Regex(@"online\s[\s\S]*still so"), new Regex(@"offline\s[\s\S]*for "), new Regex(@"online\s[\s\S]*for ")]);
        var temperature = page.GetByRole(
            AriaRole.Img,
            new() { NameRegex = new("^Temperature, the last 24 hours: 3.[0-9] to .* °C, the newest [0-9.]+ °C$") }
        );
        await Expect(temperature).ToBeVisibleAsync();
        // 30 L, of which 500 and 1,000 mL were poured since they were put on.
        var level = page.GetByRole(
            AriaRole.Img,
            new() { NameRegex = new("^Left in the keg, the last 24 hours: 28.5 to 30.0 L, the newest 28.5 L$") }
        );
        await Expect(level).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "7 days" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new("^Left in the keg, the last 7 days: 28.5 to 30.0 L") })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "7 days" }).First).ToHaveAttributeAsync("aria-pressed", "true");
        await page.GetByText("Numbers: Temperature, the last 7 days").ClickAsync();
        await Expect(page.Locator(".chart-table[open] tbody tr").First).ToBeVisibleAsync();

        await host.ExecuteSqlAsync(
            $"INSERT INTO hour_totals (hour, tap_id, pours, volume_ml) SELECT date_trunc('hour', now()) - n * interval '1 hour', 7, 3, 300 + 700 * (n % 5) FROM generate_series(2, 20) AS n"
        );
        await host.OpenAsync(page, "taps/7");
        await Expect(page.GetByText("Tap 7 is offline.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Märzen")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, ("tap", 1440, 900, ColorScheme.Dark), ("tap-phone", 390, 844, ColorScheme.Light));
    }

    [Fact]
    public async Task A_tap_that_does_not_exist_is_said_so()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        foreach (var tap in (string[])["99", "seven", "99999999999999999999"])
        {
            await host.OpenAsync(page, $"taps/{tap}");
            await Expect(page.GetByText($"There is no tap {tap}")).ToBeVisibleAsync();
        }
    }

    /// <summary>A week of readings every quarter of an hour, with a night in which there were none, and a keg that was tapped two days ago.</summary>
    private static async Task FillWeekAsync(LivePageHost host)
    {
        await host.ExecuteSqlAsync(
            $$"""
            INSERT INTO readings (id, device, received_at, body)
            SELECT gen_random_uuid(), '7', now() - n * interval '15 minutes', '{"temperatureC":' || (3 + abs(n % 20 - 10) * 0.2)::text || ',"flowLpm":0.5}'
            FROM generate_series(1, 672) AS n WHERE n NOT BETWEEN 40 AND 60 ORDER BY n DESC
            """
        );
        await host.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = now() - interval '47 hours'");
    }

    private static async Task FillAsync(LivePageHost host)
    {
        await host.RegisterAsync((7, "Terrace"));
        await host.PutKegAsync(tapId: 7, "Märzen", sizeMl: 30_000);
        var before = DateTimeOffset.UtcNow.AddDays(-2);
        await host.StoreAsync(await host.AppendAsync(EntryKinds.Pour, $$"""{"volume":500,"pouredAt":"{{before:O}}"}""", "7", receivedAt: before));
        await host.StoreAsync(await host.AppendAsync(500, tapId: 7));
        await host.StoreAsync(await host.AppendAsync(1_000, tapId: 7));
        foreach (var body in (string[])["""{"temperatureC":3.9}""", """{"pressureKPa":80}""", OddReadings.Cold])
        {
            await host.ReadAsync(tapId: 7, body);
        }

        await host.ExecuteSqlAsync(
            $$"""
            INSERT INTO alerts (id, kind, subject, message, data, began_at, ended_at, end_id, begin_told, end_told) VALUES
            ({{Guid.NewGuid()}}, 'tap-offline', '7', 'Tap 7 is offline.', '{"tapId":7}', now() - interval '3 hours', now() - interval '2 hours', {{Guid.NewGuid()}}, true, true),
            ({{Guid.NewGuid()}}, 'tap-offline', '77', 'Tap 77 was offline.', '{"tapId":77}', now() - interval '3 hours', now() - interval '2 hours', {{Guid.NewGuid()}}, true, true)
            """
        );
    }
}
