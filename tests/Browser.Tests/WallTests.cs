using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The board for guests.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class WallTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    // As the page has it.
    private static readonly TimeSpan PartTime = TimeSpan.FromSeconds(12);

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

    [Fact]
    public async Task All_taps_are_seen_without_scrolling_and_more_than_fit_one_part_after_the_other()
    {
        var clock = new AheadClock();
        await using var host = await LivePageHost.StartAsync(servers, clock);
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await page.AddInitScriptAsync(
            "globalThis.locks = 0; Object.defineProperty(navigator, 'wakeLock', { value: { request: async kind => { locks += kind === 'screen' ? 1 : 0; } } });"
        );
        (string Name, int Width, int Height, int Taps, ColorScheme Colors)[] walls =
        [
            ("wall-few", 1920, 1080, 3, ColorScheme.Light),
            ("wall", 1920, 1080, 12, ColorScheme.Dark),
            ("wall-4k", 3840, 2160, 20, ColorScheme.Light),
        ];
        var taps = 0;
        foreach (var wall in walls)
        {
            await PutKegsAsync(host, taps + 1, wall.Taps);
            if (taps == 0)
            {
                await host.StoreAsync(await host.AppendAsync(950, tapId: 2));
                await host.StoreAsync(await host.AppendAsync(1_000, tapId: 3));
            }

            taps = wall.Taps;
            await page.SetViewportSizeAsync(wall.Width, wall.Height);
            await host.OpenAsync(page, "wall");

            await Expect(page.Locator("[data-wall]")).ToHaveCountAsync(taps);
            await Expect(page.Locator("[data-wall='2']")).ToContainTextAsync("last glasses");
            await Expect(page.Locator("[data-wall='3']")).ToContainTextAsync("back soon");
            await Expect(page.Locator(".bar")).ToBeHiddenAsync();
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollHeight <= innerHeight"), "The wall scrolls.");
            Assert.Equal(1, await page.EvaluateAsync<int>("locks"));
            await Chromium.FitsAsync(page, (wall.Name, wall.Width, wall.Height, wall.Colors));
        }

        await PutKegsAsync(host, taps + 1, 45);
        await page.SetViewportSizeAsync(1920, 1080);
        // At the begin of the first part.
        clock.Ahead = 3 * PartTime - TimeSpan.FromMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() % (3 * PartTime).TotalMilliseconds);
        await host.OpenAsync(page, "wall");
        var seen = new HashSet<string>();
        foreach (var part in (string[])["1 of 3", "2 of 3", "3 of 3"])
        {
            // Read in one step with what says which part it is: the next part may come between two.
            var shown = await page.WaitForFunctionAsync(
                """
                part => document.querySelector('.wall-part')?.textContent.trim() === part
                  && [...document.querySelectorAll('[data-wall]')].map(tap => tap.dataset.wall)
                """,
                part,
                new() { Timeout = 60_000 }
            );
            seen.UnionWith(await shown.JsonValueAsync<string[]>());
            clock.Ahead += PartTime;
        }

        Assert.Equal(45, seen.Count);
    }

    private static async Task PutKegsAsync(LivePageHost host, int first, int last)
    {
        for (var tap = first; tap <= last; tap++)
        {
            await host.PutKegAsync(tap, Beverages[tap % Beverages.Length], sizeMl: tap is 2 or 3 ? 1_000 : 30_000);
        }
    }
}
