using Browser.Tests;
using static Microsoft.Playwright.Assertions;

namespace Distributed.Tests;

[Collection(nameof(TaproomCollection))]
public sealed class PageTests(TaproomApp app, Chromium chromium)
{
    [Fact]
    public async Task Pours_of_the_simulated_taps_and_of_a_foreign_client_arrive_on_the_page_without_a_reload()
    {
        var page = await chromium.VisitAsync();
        await page.GotoAsync(app.Endpoint("dashboard-web").ToString());
        await Expect(page.Locator("html[data-feed=listening]")).ToBeAttachedAsync(new() { Timeout = 30_000 });
        foreach (var tap in new[] { 1, 2, 3 })
        {
            await Expect(page.Locator($"[data-tap='{tap}'] .tap-pours")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        }

        await page.EvaluateAsync("window.sameDocument = true");
        await Expect(page.Locator("[data-tap='75']")).ToHaveCountAsync(0);
        Assert.Equal(0, await app.PublishAsync("5", 75, """{"volume":473}"""));

        await Expect(page.Locator("[data-tap='75'] .tap-pours")).ToContainTextAsync("1", new() { Timeout = 30_000 });
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
    }
}
