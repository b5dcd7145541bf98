using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The board for guests.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class WallTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    private static readonly string[] Beverages =
    [
        "Pils",
        "Weizen",
        "Helles",
        "Pale ale",
        "Märzen",
        "Old Foghorn's Extraordinarily Long-Named Barleywine",
        "Kölsch",
        "Stout 🍫",
        "Dry cider",
    ];

    [Theory]
    [InlineData("wall", 1920, 1080, 12, ColorScheme.Dark)]
    [InlineData("wall-4k", 3840, 2160, 20, ColorScheme.Light)]
    [InlineData("wall-few", 1920, 1080, 3, ColorScheme.Light)]
    public async Task All_taps_are_seen_without_scrolling(string name, int width, int height, int taps, ColorScheme colors)
    {
        await using var host = await StartAsync(taps);
        await host.StoreAsync(await host.AppendAsync(950, tapId: 2));
        await host.StoreAsync(await host.AppendAsync(1_000, tapId: 3));
        var page = await Browser.VisitAsync(width, height, colors, ReducedMotion.Reduce);
        await page.AddInitScriptAsync(
            "globalThis.locks = 0; Object.defineProperty(navigator, 'wakeLock', { value: { request: async kind => { locks += kind === 'screen' ? 1 : 0; } } });"
        );
        await host.OpenAsync(page, "wall");

        await Expect(page.Locator("[data-wall]")).ToHaveCountAsync(taps);
        await Expect(page.Locator("[data-wall='2']")).ToContainTextAsync("last glasses");
        await Expect(page.Locator("[data-wall='3']")).ToContainTextAsync("back soon");
        await Expect(page.Locator(".bar")).ToBeHiddenAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollHeight <= innerHeight"), "The wall scrolls.");
        Assert.Equal(1, await page.EvaluateAsync<int>("locks"));
        await Chromium.FitsAsync(page, name);
    }

    [Fact]
    public async Task More_taps_than_fit_are_shown_one_part_after_the_other()
    {
        await using var host = await StartAsync(45);
        var page = await Browser.VisitAsync(1920, 1080);
        await host.OpenAsync(page, "wall");
        var seen = new HashSet<string>();
        foreach (var part in (string[])["1 of 3", "2 of 3", "3 of 3"])
        {
            await Expect(page.Locator(".wall-part")).ToHaveTextAsync(part, new() { Timeout = 60_000 });
            seen.UnionWith(await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[data-wall]')].map(tap => tap.dataset.wall)"));
        }

        Assert.Equal(45, seen.Count);
    }

    private async Task<LivePageHost> StartAsync(int taps)
    {
        var host = await LivePageHost.StartAsync(servers);
        for (var tap = 1; tap <= taps; tap++)
        {
            await host.PutKegAsync(tap, Beverages[tap % Beverages.Length], sizeMl: tap is 2 or 3 ? 1_000 : 30_000);
        }

        return host;
    }
}
