using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Signals;
using Taproom.Taps;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

[Collection(nameof(BrowserCollection))]
public sealed class StatusTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_tap_that_comes_and_goes_is_seen_on_the_open_page()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync((3, "Garden bar"));
        var presence = host.Services.GetRequiredService<TapPresence>();
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        var loads = 0;
        page.Load += (_, _) => loads++;
        await Expect(Card(page, 3).GetByRole(AriaRole.Heading)).ToHaveTextAsync("Tap 3 Garden bar");
        await Expect(Card(page, 3)).ToContainTextAsync("offline");
        await Expect(page.GetByText("tap, 0 online")).ToBeVisibleAsync();
        await Expect(page.GetByText("No pour yet.")).ToBeVisibleAsync();

        await presence.ConnectedAsync([3, 5]);
        await Expect(Status(page, 3)).ToHaveTextAsync("online");
        await Expect(Status(page, 5)).ToHaveTextAsync("online");
        await Expect(Card(page, 5)).ToContainTextAsync("no pour yet");
        await Expect(page.GetByText("taps, 2 online")).ToBeVisibleAsync();

        await presence.DisconnectedAsync(3);
        await Expect(Status(page, 3)).ToHaveTextAsync("offline");
        await Expect(Status(page, 5)).ToHaveTextAsync("online");
        await Expect(page.GetByText("taps, 1 online")).ToBeVisibleAsync();
        Assert.Equal(0, loads);
    }

    [Fact]
    public async Task Of_a_thousand_taps_a_part_is_drawn_that_its_reader_chooses_by_the_keyboard()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync([.. Enumerable.Range(1, 1_000).Select(tapId => (tapId, $"Stand {tapId}"))]);
        await host.Services.GetRequiredService<TapPresence>().ConnectedAsync(Enumerable.Range(1, 999));
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);

        await Expect(page.Locator("#total-taps")).ToHaveTextAsync("1 000".Replace(' ', '\u202f'));
        await Expect(page.GetByText("taps, 999 online")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-tap]")).ToHaveCountAsync(48);
        await Chromium.FitsAsync(page, "thousand-taps");
        await Expect(Status(page, 48)).ToHaveTextAsync("online");

        await page.GetByLabel("Taps that are shown").FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(Status(page, 1_000)).ToHaveTextAsync("offline");
        await Expect(page.Locator("[data-tap]")).ToHaveCountAsync(40);
        await Expect(Card(page, 1)).ToHaveCountAsync(0);
    }

    private static ILocator Card(IPage page, int tapId) => page.Locator($"[data-tap='{tapId.ToString(CultureInfo.InvariantCulture)}']");

    private static ILocator Status(IPage page, int tapId) => Card(page, tapId).Locator(".tap-status");
}
