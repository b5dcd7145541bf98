using Dashboard.Web.Board;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>No value breaks a page.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class ValuesTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task The_first_and_the_last_year_are_shown_in_every_time_zone_and_the_page_lives_on()
    {
        var earlier = await LivePageHost.StartAsync(servers);
        var (stored, first, last) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await earlier.ExecuteSqlAsync(
            $"""
            INSERT INTO pours (id, tap_id, volume_ml, glass, poured_at, received_at) VALUES
                ({first}, 1, 500, 2, '0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'),
                ({last}, 1, 500, 2, '9999-12-31T23:30:00Z', '9999-12-31T23:30:00Z'),
                ({stored}, 1, 500, 2, '2026-03-01T00:15:04Z', '2026-03-01T00:15:04Z');
            INSERT INTO taps (id, pours, volume_ml) VALUES (1, 3, 1500)
            """
        );
        await using var host = await earlier.RestartAsync();
        (string Zone, string Ordinary, Guid Extreme, string Written)[] visitors =
        [
            ("America/New_York", "2026-02-28 19:15:04", first, "0001-01-01 00:00:00"),
            ("Europe/Berlin", "2026-03-01 01:15:04", last, "9999-12-31 23:59:59"),
            ("Asia/Kathmandu", "2026-03-01 06:00:04", last, "9999-12-31 23:59:59"),
        ];
        var suspects = 0;
        foreach (var (zone, ordinary, extreme, written) in visitors)
        {
            var page = await Browser.VisitAsync(timeZone: zone);
            await host.OpenAsync(page);
            await Expect(Row(page, stored).Locator("time")).ToHaveTextAsync(ordinary);
            await Expect(Row(page, extreme).Locator("time")).ToHaveTextAsync(written);

            foreach (var at in (string[])["0001-01-01T00:00:00Z", "9999-12-31T23:30:00Z", "2099-01-01T00:00:00Z"])
            {
                var pour = await host.AppendAsync(EntryKinds.Pour, $$"""{"volume":300,"pouredAt":"{{at}}"}""", "2");
                suspects++;
                await Expect(Row(page, pour.Id)).ToContainTextAsync("300 mL");
                await Expect(Row(page, pour.Id).GetByTitle("This tap's clock cannot be right")).ToBeVisibleAsync();
            }

            await Expect(page.Locator("[data-tap='2'] .tap-pours")).ToHaveTextAsync($"{suspects}");
            await page.ReloadAsync();
            await Expect(page.Locator("html")).ToHaveAttributeAsync("data-feed", "listening");
            await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(3 + suspects);
        }
    }

    [Fact]
    public async Task A_pour_of_2099_is_not_on_top_for_ever()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        var suspect = await host.AppendAsync(EntryKinds.Pour, """{"volume":300,"pouredAt":"2099-01-01T00:00:00Z"}""", "1");
        await host.StoreAsync(suspect);
        var next = await host.AppendAsync(500, tapId: 1);

        await Expect(Row(page, suspect.Id)).ToBeVisibleAsync();
        await Expect(page.Locator("[data-pour]").First).ToHaveAttributeAsync("data-pour", next.Id.ToString());
        await Expect(Row(page, next.Id).Locator(".suspect")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Names_of_any_kind_are_text_and_break_no_layout()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        const string Markup = "<img src=x onerror=\"document.title='taken'\">";
        await host.RegisterAsync(
            (1, Markup),
            (123_456, "Biergarten hinten"),
            (3, "حديقة \u202eالبيرة"),
            (4, new string('x', 10_000)),
            (int.MaxValue, "🍺🍻👩‍🚒")
        );
        await host.PutKegAsync(tapId: 3, Markup, sizeMl: 30_000);
        await host.PutKegAsync(tapId: 4, new string('y', 10_000), sizeMl: 0.001m);
        foreach (var (width, name) in (IEnumerable<(int, string)>)[(1440, "names"), (320, "names-phone")])
        {
            var page = await Browser.VisitAsync(width, motion: ReducedMotion.Reduce);
            await host.OpenAsync(page);
            await Expect(page.Locator("[data-tap='1'] .tap-name")).ToHaveTextAsync(Markup);
            await Expect(page.Locator("main img")).ToHaveCountAsync(0);
            await Expect(page).ToHaveTitleAsync("Pours · Taproom");
            Assert.Empty(
                await page.EvaluateAsync<string[]>(
                    "[...document.querySelectorAll('.tap-number, [data-tap=\"123456\"] .tap-name')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
                )
            );
            await Chromium.FitsAsync(page, name);
        }
    }

    [Fact]
    public async Task A_fault_on_one_page_offers_the_next_step_and_leaves_the_other_pages_alone()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "messages");
        var loads = 0;
        page.Load += (_, _) => loads++;
        var board = host.Services.GetRequiredService<LiveBoard>();
        var broken = new EntryView(Guid.NewGuid(), DateTimeOffset.UtcNow, Json: null!, Event: null, TraceId: null, IsStored: false);
        board.Change(() => board.Entries.Receive(broken));

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This page cannot be shown" })).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, "fault");
        await page.GetByRole(AriaRole.Link, new() { Name = "Events" }).ClickAsync();
        await Expect(page.GetByText("No event yet.")).ToBeVisibleAsync();

        for (var i = 0; i < 50; i++)
        {
            await host.AppendAsync(EntryKinds.Message, "1");
        }

        await Eventually.TrueAsync(() => Task.FromResult(board.View().Messages.All(message => message.Id != broken.Id)), "the fault is gone");
        // What a page shows is a little older: once it shows this, it has been told that the fault is gone.
        await host.AppendAsync(EntryKinds.Event, """{"component":"door","data":1,"environment":"bar","message":"open"}""");
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "Messages" }).ClickAsync();
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(50);
        Assert.Equal(0, loads);
    }

    private static ILocator Row(IPage page, Guid id) => page.Locator($"[data-pour='{id}']");
}
