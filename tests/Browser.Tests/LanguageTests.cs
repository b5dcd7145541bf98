using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The pages as they are read in German.</summary>
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
        Assert.Equal(0, await page.Locator("svg [width*=','], svg [height*=','], [style*=',']").CountAsync());

        await page.GetByLabel("Sprache").SelectOptionAsync("English");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Latest pours" })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Locator("#total-litres")).ToHaveTextAsync("1.5");
    }
}
