using System.Globalization;
using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The list of all stored pours.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class HistoryTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    // A quarter past eight in the evening in Berlin.
    private static readonly DateTimeOffset Evening = new(2026, 11, 27, 19, 15, 0, TimeSpan.Zero);

    [Fact]
    public async Task All_pours_are_paged_through_newest_first_on_every_screen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.PutKegAsync(tapId: 2, "Old Foghorn's Extraordinarily Long-Named Barleywine", sizeMl: 30_000);
        await host.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = '2026-11-01'");
        await PourAsync(host, 120);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "pours");
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(50);
        await Expect(page.Locator("[data-pour] time").First).ToHaveTextAsync("2026-11-27 20:15:00");
        await Chromium.FitsAsync(page, ("history-phone", 390, 844, ColorScheme.Dark), ("history", 1440, 900, ColorScheme.Light));

        var seen = new List<string>();
        foreach (var (first, count) in (IEnumerable<(int, int)>)[(0, 50), (50, 50), (100, 20)])
        {
            await Expect(page.Locator("[data-pour] time").First).ToHaveTextAsync(Written(first));
            await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(count);
            seen.AddRange(await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[data-pour]')].map(row => row.dataset.pour)"));
            if (seen.Count < 120)
            {
                await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
            }
        }

        Assert.Equal(120, seen.Distinct().Count());
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Older" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Newest" }).ClickAsync();
        await Expect(page.Locator("[data-pour] time").First).ToHaveTextAsync(Written(0));
        await page.GetByLabel("Order").SelectOptionAsync("oldest first");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-pour] time").First).ToHaveTextAsync(Written(119));
        await page.GetByRole(AriaRole.Link, new() { Name = "Newer" }).ClickAsync();
        await Expect(page.Locator("[data-pour] time").First).ToHaveTextAsync(Written(69));
        await page.GetByRole(AriaRole.Link, new() { Name = "Oldest" }).ClickAsync();
        await Expect(page.Locator("[data-pour] time").First).ToHaveTextAsync(Written(119));
    }

    [Fact]
    public async Task Pours_are_found_by_tap_glass_and_the_visitors_time()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.PutKegAsync(tapId: 2, "Märzen", sizeMl: 30_000);
        await host.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = '2026-11-01'");
        await PourAsync(host, 12);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "pours");
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(12);

        await page.GetByLabel("Tap", new() { Exact = true }).FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(4);
        await Expect(page.GetByText("Märzen")).ToHaveCountAsync(4);
        await page.GetByLabel("Glass").SelectOptionAsync("stein");
        await page.GetByLabel("From").FillAsync("2026-11-27T20:06");
        await page.GetByLabel("To", new() { Exact = true }).FillAsync("2026-11-27T20:12");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();

        // Of 20:08 and 20:11 at this tap, one was a stein.
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-pour]")).ToContainTextAsync("1 000 mL".Replace("1 000", "1\u202f000"));
        await Expect(page.GetByLabel("From")).ToHaveValueAsync("2026-11-27T20:06");
        await page.GetByLabel("Tap", new() { Exact = true }).FillAsync("99");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.GetByText("No stored pour is like that.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Show all pours" }).ClickAsync();
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(12);
    }

    [Fact]
    public async Task An_address_that_somebody_has_changed_gets_a_word()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        (string Query, string Word)[] changed =
        [
            ("tap=seven", "The tap must be a number"),
            ("type=bucket", "There is no such glass."),
            ("from=yesterday", "A time must be written as"),
            ("before=1-2-3", "This part of the list does not exist."),
            ("before=99999999999999999999-1", "This part of the list does not exist."),
            ("from=0001-01-01T00:00&to=9999-12-31T23:59", "No stored pour is like that."),
            ("from=2026-03-29T02:30", "No stored pour is like that."),
        ];
        foreach (var (query, word) in changed)
        {
            await host.OpenAsync(page, $"pours?{query}");
            await Expect(page.GetByText(word)).ToBeVisibleAsync();
        }
    }

    // The n-th before the evening's last: taps 3, 2, 1 in turn, a stein every other time.
    private static async Task PourAsync(LivePageHost host, int pours)
    {
        for (var i = pours - 1; i >= 0; i--)
        {
            var (at, volume) = (Evening.AddMinutes(-i), i % 2 == 0 ? 500 : 1_000);
            await host.StoreAsync(
                await host.AppendAsync(EntryKinds.Pour, $$"""{"volume":{{volume}},"pouredAt":"{{at:O}}"}""", $"{3 - (i % 3)}", receivedAt: at)
            );
        }
    }

    private static string Written(int i) => Evening.AddHours(1).AddMinutes(-i).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
