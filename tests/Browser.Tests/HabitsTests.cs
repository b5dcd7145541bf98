using Dashboard.Web.Board;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Taproom.Signals;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What somebody relies on who keeps a page open all evening.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class HabitsTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_page_says_Live_only_while_news_can_come()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        var board = host.Services.GetRequiredService<LiveBoard>();
        var release = new TaskCompletionSource();

        // The connection stays, and the server says nothing any more.
        var frozen = Task.Run(() => board.Change(() => release.Task.Wait()));
        await Expect(page.GetByText("No news for 5 s")).ToBeVisibleAsync();
        await Expect(page.Locator(".connection .when-listening")).ToBeHiddenAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-feed", "silent");

        release.SetResult();
        await frozen;
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-feed", "listening");
        await Expect(page.Locator(".connection .when-listening")).ToHaveTextAsync("Live");
    }

    [Fact]
    public async Task Only_what_comes_while_the_page_is_open_lights_up()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.StoreAsync(await host.AppendAsync(500, tapId: 1));
        await host.AppendAsync(300, tapId: 1);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(2);
        await Expect(page.Locator(".arrived, .pulse")).ToHaveCountAsync(0);

        var entry = await host.AppendAsync(400, tapId: 1);
        await Expect(page.Locator($"[data-pour='{entry.Id}'].arrived")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-tap='1'] .pulse")).ToHaveCountAsync(1);
        await Expect(page.Locator(".arrived")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Traces_are_shown_on_every_page_to_somebody_who_wants_them_and_each_row_is_one_stop_of_the_keyboard()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        await host.AppendAsync(500, tapId: 1);
        await host.AppendAsync(500, tapId: 1);
        var traces = page.GetByRole(AriaRole.Button, new() { Name = "Show traces" });
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(2);
        await Expect(page.Locator(".col-trace").First).ToBeHiddenAsync();
        const string Stops = "[...document.querySelectorAll('.pours *')].filter(e => e.tabIndex >= 0 && e.checkVisibility()).length";
        Assert.Equal(0, await page.EvaluateAsync<int>(Stops));

        await traces.ClickAsync();
        await Expect(page.Locator(".col-trace").First).ToBeVisibleAsync();
        Assert.Equal(2, await page.EvaluateAsync<int>(Stops));
        await page.ReloadAsync();
        await Expect(traces).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator(".col-trace").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Every_page_has_its_title_and_one_heading_and_a_link_that_skips_to_its_content()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        (string Path, string Title)[] pages =
        [
            ("", "Pours"),
            ("messages", "Messages"),
            ("events", "Events"),
            ("line", "The line"),
            ("wall", "On tap"),
            ("pours", "History"),
            ("stats", "Statistics"),
            ("variance", "Poured and sold"),
            ("kegs", "Kegs"),
            ("beverages", "Beverages"),
            ("no-such-page", "Not found"),
        ];
        foreach (var (path, title) in pages)
        {
            await host.OpenAsync(page, path);

            await Expect(page).ToHaveTitleAsync($"{title} · Taproom");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveCountAsync(1);
            await page.Keyboard.PressAsync("Tab");
            await Expect(page.GetByText("Skip to the content")).ToBeFocusedAsync();
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.GetByRole(AriaRole.Main)).ToBeFocusedAsync();
            await Expect(page).ToHaveURLAsync($"{host.Address}{path}#content");
        }
    }

    [Fact]
    public async Task On_any_page_news_are_not_read_aloud_to_somebody_who_has_silenced_them_and_the_colours_are_those_that_were_chosen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        var quiet = page.GetByRole(AriaRole.Button, new() { Name = "Do not read news aloud" });
        await Expect(page.Locator("#announcer")).ToHaveAttributeAsync("aria-live", "polite");

        await quiet.ClickAsync();
        await Expect(page.Locator("#announcer")).ToHaveAttributeAsync("aria-live", "off");
        await page.GetByRole(AriaRole.Link, new() { Name = "Messages" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Main)).ToBeFocusedAsync();
        await Expect(page.Locator("#announcer")).ToHaveAttributeAsync("aria-live", "off");
        await page.ReloadAsync();
        await Expect(quiet).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator("#announcer")).ToHaveAttributeAsync("aria-live", "off");

        await page.GetByRole(AriaRole.Button, new() { Name = "Switch between light and dark" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Pours" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Waiting for the first pour" })).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-feed", "listening");
    }

    [Fact]
    public async Task The_picture_of_the_page()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync(1440, 1000, motion: ReducedMotion.Reduce);
        await host.RegisterAsync((1, "Bar left"), (2, "Bar right"), (3, "Beer garden"), (4, "Terrace"), (5, "Cellar"), (6, "Brewer's table"));
        var presence = host.Services.GetRequiredService<TapPresence>();
        await presence.ConnectedAsync([1, 2, 3, 4, 5, 6]);
        await presence.DisconnectedAsync(5);
        foreach (
            var (tapId, beverage, sizeMl) in (IEnumerable<(int, string, decimal)>)
                [(1, "Pils", 30_000), (2, "Weizen", 20_000), (3, "Helles", 12_000), (4, "Pale ale", 20_000), (6, "Märzen", 10_000)]
        )
        {
            await host.PutKegAsync(tapId, beverage, sizeMl);
            await host.ReadAsync(tapId, $$"""{"temperatureC":{{3 + (tapId * 0.4m)}}}""", TimeSpan.FromMinutes(tapId == 2 ? 25 : 1));
        }

        await host.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = tapped_at - interval '1 hour'");

        // Ten minutes of an evening, of which the last pours are on their way.
        var now = DateTimeOffset.UtcNow;
        IngestEntry last = null!;
        for (var i = 0; i < 150; i++)
        {
            var tapId = 1 + (i * i % 11 % 4) + (i % 7 == 0 ? 2 : 0);
            last = await host.AppendAsync(
                EntryKinds.Pour,
                $$"""{"volume":{{new[] { 300, 473, 500, 1000, 568, 500 }[i % 6]}}}""",
                $"{tapId}",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                now.AddSeconds(-4 * (150 - i) + (i % 5))
            );
            if (i < 147)
            {
                await host.StoreAsync(last);
            }
        }

        await host.OpenAsync(page);
        await Expect(page.Locator($"[data-pour='{last.Id}']")).ToContainTextAsync("received");
        await Expect(page.Locator("#total-pours")).ToHaveTextAsync("150");
        await Expect(page.Locator(".state")).ToHaveCountAsync(3);
        // What Postgres has of the taps comes with the next look at it.
        await Expect(page.Locator(".keg")).ToHaveCountAsync(5);
        await Expect(page.Locator(".tap-temperature")).ToHaveCountAsync(5);
        await Expect(page.Locator("[data-tap='1']")).ToContainTextAsync("empty in about");
        await Chromium.FitsAsync(page, "page");
        if (Environment.GetEnvironmentVariable("TAPROOM_PICTURES") is { Length: > 0 })
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(LocalServer.Repository, "docs", "page.png") });
        }
    }
}
