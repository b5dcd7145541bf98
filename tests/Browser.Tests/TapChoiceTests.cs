using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Signals;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What needs attention, and which taps are shown.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class TapChoiceTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task What_needs_attention_is_on_top_leads_to_its_tap_and_goes_when_it_is_over()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync((4, "Terrace"), (14, "Cellar"), (40, "Garden"));
        await host.PutKegAsync(tapId: 4, "Märzen", sizeMl: 30_000);
        await host.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = tapped_at - interval '1 hour'");
        await host.ReadAsync(tapId: 4, """{"temperatureC":4.5}""", TimeSpan.FromMinutes(12));
        for (var pour = 0; pour < 5; pour++)
        {
            await host.StoreAsync(await host.AppendAsync(1_000, tapId: 4));
        }

        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        await Expect(page.GetByText("Needs attention")).ToHaveCountAsync(0);

        await BeginAsync(host, "keg-empty-soon", "Keg Märzen on tap 4 is empty in about 25 min.", """{"tapId":4,"minutesLeft":25}""");
        await BeginAsync(host, "line-behind", "Entries wait to be stored: 5, the oldest for 80 s.", """{"waiting":5}""");
        await Expect(page.Locator("[data-alert]")).ToHaveCountAsync(2);
        await Expect(page.Locator("[data-tap='4']")).ToContainTextAsync("empty in about 5 h");
        await Expect(page.Locator("[data-tap='4'] .tap-temperature")).ToHaveTextAsync(new Regex("^Temperature 4.5 °C ?1[2-4] min ago$"));

        await page.GetByRole(AriaRole.Link, new() { Name = "Keg Märzen on tap 4" }).ClickAsync();
        await Expect(page.Locator("[data-tap]")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-tap='4']")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Searchbox).FillAsync("garden");
        await Expect(page.Locator("[data-tap='40']")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Keg Märzen on tap 4" }).ClickAsync();
        await Expect(page.Locator("[data-tap='4']")).ToBeVisibleAsync();

        await host.ExecuteSqlAsync($"UPDATE alerts SET ended_at = now()");
        await Expect(page.GetByText("Needs attention")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Of_many_alerts_a_few_are_shown_until_somebody_wants_all()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        foreach (var tapId in Enumerable.Range(1, 9))
        {
            await BeginAsync(host, "tap-offline", $"Tap {tapId} is offline.", $$"""{"tapId":{{tapId}}}""");
        }

        var page = await Browser.VisitAsync(320, 700);
        await host.OpenAsync(page);
        await Expect(page.Locator("[data-alert]")).ToHaveCountAsync(6);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show all 9" }).ClickAsync();
        await Expect(page.Locator("[data-alert]")).ToHaveCountAsync(9);
        await Chromium.FitsAsync(page, "attention-phone");
    }

    [Fact]
    public async Task Taps_are_found_chosen_and_sorted_and_the_choice_is_in_the_address()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync((1, "Bar left"), (2, "Bar right"), (12, "Beer garden"));
        await host.PutKegAsync(tapId: 1, "Pils", sizeMl: 30_000);
        await host.PutKegAsync(tapId: 12, "Märzen", sizeMl: 1_000);
        var presence = host.Services.GetRequiredService<TapPresence>();
        await presence.ConnectedAsync([1, 12]);
        await presence.DisconnectedAsync(2);
        await host.StoreAsync(await host.AppendAsync(900, tapId: 12));
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        await ShowsAsync(page, 1, 2, 12);

        var find = page.GetByRole(AriaRole.Searchbox);
        await find.PressSequentiallyAsync("BAR ");
        await ShowsAsync(page, 1, 2);
        await Expect(find).ToBeFocusedAsync();
        await Expect(find).ToHaveValueAsync("BAR ");
        await find.FillAsync("märz");
        await ShowsAsync(page, 12);
        await find.FillAsync("1");
        await ShowsAsync(page, 1);
        await find.FillAsync("no such tap");
        await Expect(page.GetByText("No tap is like that.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show all taps" }).ClickAsync();
        await ShowsAsync(page, 1, 2, 12);

        await page.GetByLabel("Show", new() { Exact = true }).SelectOptionAsync("low");
        await ShowsAsync(page, 12);
        await page.GetByLabel("Show", new() { Exact = true }).SelectOptionAsync("offline");
        await ShowsAsync(page, 2);
        await page.GetByLabel("Show", new() { Exact = true }).SelectOptionAsync("");
        await page.GetByLabel("Sort").SelectOptionAsync("level");
        await ShowsAsync(page, 12, 1, 2);
        await page.GetByLabel("View").SelectOptionAsync("table");
        await Expect(page.Locator("tr[data-tap]")).ToHaveCountAsync(3);

        await Expect(page).ToHaveURLAsync($"{host.Address}?sort=level&view=table");
        await page.ReloadAsync();
        await Expect(page.Locator("tr[data-tap]")).ToHaveCountAsync(3);
        await ShowsAsync(page, 12, 1, 2);
    }

    [Fact]
    public async Task Four_hundred_taps_are_one_table()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync([.. Enumerable.Range(1, 400).Select(tapId => (tapId, $"Stand {tapId}"))]);
        var page = await Browser.VisitAsync(colors: ColorScheme.Dark, motion: ReducedMotion.Reduce);
        await host.OpenAsync(page, "?view=table");
        await Expect(page.Locator("tr[data-tap]")).ToHaveCountAsync(400);
        var pour = await host.AppendAsync(500, tapId: 399);
        await Expect(page.Locator($"[data-pour='{pour.Id}']")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-tap='399'] .tap-pours")).ToHaveTextAsync("1");
        await Chromium.FitsAsync(page, "table");
    }

    private static async Task ShowsAsync(IPage page, params int[] taps)
    {
        await Expect(page.Locator("[data-tap]")).ToHaveCountAsync(taps.Length);
        for (var i = 0; i < taps.Length; i++)
        {
            await Expect(page.Locator("[data-tap]").Nth(i)).ToHaveAttributeAsync("data-tap", taps[i].ToString(CultureInfo.InvariantCulture));
        }
    }

    // What a worker does.
    private static Task BeginAsync(LivePageHost host, string kind, string message, string data) =>
        host.ExecuteSqlAsync(
            $"INSERT INTO alerts (id, kind, subject, message, data, began_at, end_id, begin_told, end_told) VALUES ({Guid.NewGuid()}, {kind}, {message}, {message}, {data}::jsonb, now(), {Guid.NewGuid()}, true, true)"
        );
}
