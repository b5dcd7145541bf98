using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The pages in the visitor's language and units, by the clock of the house.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class LanguageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_page_is_in_the_language_of_the_browser_until_another_one_is_chosen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.StoreAsync(await host.AppendAsync(500, tapId: 1));
        var page = await Browser.VisitAsync(locale: "de-AT");
        await host.OpenAsync(page);
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        await Expect(page).ToHaveTitleAsync("Zapfungen · Taproom");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Letzte Zapfungen" })).ToBeVisibleAsync();

        // The open page goes on in that language.
        await host.AppendAsync(1_000, tapId: 1);
        await Expect(page.Locator("#total-litres")).ToHaveTextAsync("1,5");
        Assert.Equal(0, await page.Locator("svg [width*=','], svg [d*=','], [style*=',']").CountAsync());

        await page.GetByLabel("Sprache").SelectOptionAsync("English");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Latest pours" })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Locator("#total-litres")).ToHaveTextAsync("1.5");
    }

    [Fact]
    public async Task Volumes_are_in_the_units_of_the_house_until_others_are_chosen_and_times_are_those_of_the_house()
    {
        await using var host = await LivePageHost.StartAsync(servers, ("Venue:Units", "us"), ("Venue:TimeZone", "America/New_York"));
        await host.PutKegAsync(1, "Pils", sizeMl: 30_000);
        await host.ReadAsync(tapId: 1, """{"temperatureC":4.5}""");
        await host.StoreAsync(await host.AppendAsync(500, tapId: 1));
        var page = await Browser.VisitAsync(timeZone: "Asia/Kathmandu");
        await host.OpenAsync(page);
        await Expect(page.Locator(".col-volume")).ToHaveTextAsync("16.9 fl oz");
        await Expect(page.Locator("#total-litres")).ToHaveTextAsync("1.1");
        await Expect(page.GetByText("US pints").First).ToBeVisibleAsync();
        await Expect(page.Locator(".keg-level")).ToHaveTextAsync("62.3 of 63.4 pt");
        await Expect(page.Locator(".tap-temperature")).ToHaveTextAsync("Temperature 40.1 °F");
        await Expect(page.Locator("#times")).ToHaveTextAsync("Times of America/New_York");
        await host.OpenAsync(page, "taps/1");
        await Expect(page.Locator("#tap-readings li")).ToContainTextAsync("40.1 °F");
        await host.OpenAsync(page);

        await page.GetByLabel("Units").SelectOptionAsync("metric");
        await Expect(page.Locator(".col-volume")).ToHaveTextAsync("500 mL");
        await page.ReloadAsync();
        await Expect(page.Locator(".col-volume")).ToHaveTextAsync("500 mL");
        await Expect(page.Locator(".keg-level")).ToHaveTextAsync("29.5 of 30.0 L");
    }

    [Fact]
    public async Task German_texts_fit_every_screen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.RegisterAsync((1, "Theke links"), (2, "Biergarten am Ende der Kastanienallee"));
        await host.PutKegAsync(1, "Märzen", sizeMl: 1_000);
        await host.PutKegAsync(2, "Hefeweizen", sizeMl: 30_000);
        await host.ExecuteSqlAsync(
            $$"""
            INSERT INTO alerts (id, kind, subject, message, data, began_at, end_id, begin_told, end_told)
            VALUES ({{Guid.NewGuid()}}, 'keg-empty-soon', 'k', 'English', '{"tapId":1,"beverage":"Märzen","minutesLeft":12}', now(), {{Guid.NewGuid()}}, true, true)
            """
        );
        await host.AppendAsync(1_000, tapId: 1);
        await host.StoreAsync(await host.AppendAsync(300, tapId: 2));
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce, locale: "de");
        foreach (var path in (string[])["", "?view=table", "pours", "stats", "line", "taps/1", "messages", "wall"])
        {
            await host.OpenAsync(page, path);
            if (path.Length == 0)
            {
                await Expect(page.Locator("[data-alert]")).ToContainTextAsync("Das Fass Märzen an Hahn 1 ist in etwa 12 min leer.");
            }

            await Expect(page.GetByText("Startet", new() { Exact = true })).ToHaveCountAsync(0);
            var name = path.Trim('?').Replace('/', '-').Replace("=", "-", StringComparison.Ordinal);
            await Chromium.FitsAsync(page, ($"german-phone-{name}", 360, 740, ColorScheme.Dark));
            Assert.Empty(await Chromium.CutOffAsync(page));
            await Chromium.FitsAsync(page, ($"german-{name}", 1440, 900, ColorScheme.Light));
            Assert.Empty(await Chromium.CutOffAsync(page));
        }
    }
}
