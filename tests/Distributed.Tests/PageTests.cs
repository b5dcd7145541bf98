using System.Net.Http.Json;
using System.Text.Json;
using Browser.Tests;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Distributed.Tests;

[Collection(nameof(TaproomCollection))]
public sealed class PageTests(TaproomApp app, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task Pours_of_the_simulated_taps_and_of_a_foreign_client_arrive_on_the_page_without_a_reload()
    {
        var page = await Browser.VisitAsync();
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
        await Pictures.TakeAsync(page, "page");
    }

    [Fact]
    public async Task A_keg_is_low_by_the_same_share_on_the_page_and_in_the_events()
    {
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        using var tap = await api.PostAsJsonAsync("/api/taps", new { id = 78, name = "Bar left" });
        using var keg = await api.PostAsJsonAsync("/api/kegs", new { beverage = "Stout", sizeMl = 1000 });
        var kegId = (await keg.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        using var put = await api.PutAsJsonAsync("/api/taps/78/keg", new { kegId });
        put.EnsureSuccessStatusCode();

        // More than 0.15 of it is left, which would do without the setting of these tests.
        using var poured = await api.PostAsJsonAsync(
            "/api/beers",
            new
            {
                tapId = 78,
                volume = 150,
                id = Guid.CreateVersion7(),
            }
        );
        poured.EnsureSuccessStatusCode();

        await Eventually.TrueAsync(
            async () => (await api.GetStringAsync("/api/events?component=keg-low")).Contains(kegId.ToString(), StringComparison.Ordinal),
            "the keg is told to be low"
        );
        var page = await Browser.VisitAsync();
        await page.GotoAsync(app.Endpoint("dashboard-web").ToString());
        await Expect(page.Locator("[data-tap='78'] .keg[data-low]")).ToBeVisibleAsync(new() { Timeout = 30_000 });
    }
}
