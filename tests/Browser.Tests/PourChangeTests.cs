using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Stored pours as a file, and what staff and admins change of them.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class PourChangeTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task Pours_are_found_by_beverage_and_purpose_and_downloaded_as_they_are_found()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await FillAsync(host);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "pours");
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(3);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Change" })).ToHaveCountAsync(0);
        await page.GetByLabel("Beverage").FillAsync("Märzen, <b>dark</b>");
        await page.Locator("select[name=purpose]").SelectOptionAsync("foam");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-purpose='foam']")).ToHaveTextAsync("Foam");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV file" }).ClickAsync());
        Assert.Equal("pours.csv", download.SuggestedFilename);
        var lines = (await File.ReadAllTextAsync((await download.PathAsync())!)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith(",2,foam,\"Märzen, <b>dark</b>\"", lines[1]);
        using var wrong = await host.Api.Admin.GetAsync($"{host.Address}pours/export?tap=x");
        Assert.Equal(400, (int)wrong.StatusCode);
    }

    [Fact]
    public async Task Staff_give_a_pour_to_another_tap_and_say_what_it_was_for_and_an_admin_deletes_it()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await FillAsync(host);
        var page = await Browser.VisitAsync();
        await host.SignInAsync(page, "staff", "pours?tap=1");
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Delete it for good" })).ToHaveCountAsync(0);
        await Chromium.FitsAsync(page, "pour-change");
        await Chromium.IsAccessibleAsync(page);

        await page.GetByLabel("It was for").SelectOptionAsync("spill");
        await page.GetByLabel("Why", new() { Exact = true }).FillAsync("<script>alert(1)</script> \u202eانسكب 🍺");
        await page.GetByRole(AriaRole.Button, new() { Name = "Say what it was for" }).ClickAsync();
        await Expect(page.Locator("[data-purpose='spill']")).ToHaveTextAsync("Spill");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await page.GetByLabel("It was poured at tap").FillAsync("99");
        await page.GetByLabel("Why it belongs there").FillAsync("The lines were swapped");
        await page.GetByRole(AriaRole.Button, new() { Name = "Give it to that tap" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Tap 99 does not exist.");
        await Expect(page.GetByLabel("Why it belongs there")).ToHaveValueAsync("The lines were swapped");
        await page.GetByLabel("It was poured at tap").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Give it to that tap" }).ClickAsync();
        await Expect(page.GetByText("The pour belongs to tap 2 now")).ToBeVisibleAsync();
        await Expect(page.GetByText("No stored pour is like that.")).ToBeVisibleAsync();
        var taps = (await host.Api.Admin.GetFromJsonAsync<JsonElement>("/api/taps")).GetProperty("taps").EnumerateArray().ToList();
        Assert.Equal([0, 3], taps.Select(tap => tap.GetProperty("pours").GetInt32()));

        var admin = await Browser.VisitAsync(390, 844, ColorScheme.Dark, ReducedMotion.Reduce);
        await host.SignInAsync(admin, "admin", "pours?purpose=spill");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await Chromium.FitsAsync(admin, "pour-change-phone");
        await admin.GetByLabel("Why it has to go").FillAsync("Poured twice");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Delete it for good" }).ClickAsync();
        await Expect(admin.GetByText("The pour is deleted.")).ToBeVisibleAsync();
        await Expect(admin.GetByText("No stored pour is like that.")).ToBeVisibleAsync();
    }

    private static async Task FillAsync(LivePageHost host)
    {
        await host.RegisterAsync((1, "Bar left"), (2, "Bar right"));
        await host.PutKegAsync(tapId: 1, "Pils", sizeMl: 30_000);
        await host.PutKegAsync(tapId: 2, "Märzen, <b>dark</b>", sizeMl: 30_000);
        await host.StoreAsync(await host.AppendAsync(500, tapId: 1));
        await host.StoreAsync(await host.AppendAsync(300, tapId: 2));
        await host.StoreAsync(await host.AppendAsync(EntryKinds.Pour, """{"volume":400,"purpose":"foam"}""", "2"));
    }
}
