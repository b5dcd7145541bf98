using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Kegs and beverages, as somebody behind the bar works with them.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class KegPagesTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_keg_is_changed_in_two_taps_from_its_card_and_who_was_slower_is_told()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await host.RegisterAsync((7, "Terrace"));
        await host.PutKegAsync(tapId: 7, "Pils", sizeMl: 30_000);
        await AddAsync(host, "/api/beverages", """{"name":"Märzen","brewery":"Hof","style":"Märzen","abvPercent":5.8,"ibu":24,"colorEbc":22}""");
        await AddAsync(host, "/api/beverages", """{"name":"Pils"}""");
        // Not by the API, where a call that is answered too late would come again and add another.
        await host.ExecuteSqlAsync($"INSERT INTO kegs (id, beverage, size_ml, level_ml) VALUES ({Guid.CreateVersion7()}, 'Märzen', 20000, 20000)");
        var (quick, slow) = (await Browser.VisitAsync(390, 844), await Browser.VisitAsync());
        await host.SignInAsync(slow, "admin", "taps/7/keg");
        await Expect(slow.Locator(".now")).ToContainTextAsync("Pils");

        await host.SignInAsync(quick, "staff", "");
        await quick.GetByRole(AriaRole.Link, new() { Name = "Change keg" }).ClickAsync();
        await Expect(quick.Locator(".now")).ToContainTextAsync("Pils (30.0 of 30.0 L)");
        await Chromium.FitsAsync(quick, "keg-change-phone");
        await quick.GetByRole(AriaRole.Button, new() { Name = "Märzen 20 L" }).First.ClickAsync();
        await Expect(quick.Locator(".said")).ToContainTextAsync("Tap 7 has Märzen, 20 L now.");
        await quick.GetByRole(AriaRole.Link, new() { Name = "Back to the taps" }).ClickAsync();
        await Expect(quick.Locator("[data-tap='7'] .keg-beverage")).ToHaveTextAsync("Märzen");
        await Expect(quick.Locator("[data-tap='7'] .keg-about")).ToHaveTextAsync("Hof · Märzen · 5.8 % · 24 IBU");
        await Expect(quick.Locator("[data-tap='7'] .keg-pints")).ToHaveTextAsync("42 pints left");
        await Expect(quick.Locator("[data-tap='7'] .keg-bar span")).ToHaveAttributeAsync("style", new Regex("background: #d77200"));
        await Chromium.FitsAsync(quick, "card-phone");

        await slow.GetByRole(AriaRole.Button, new() { Name = "Pils 30 L" }).ClickAsync();
        await Expect(slow.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else has changed the keg of tap 7 meanwhile: it is Märzen now.");
        // What is there now is shown, and so the next click is meant.
        await Expect(slow.Locator(".now")).ToContainTextAsync("Märzen");
        await slow.GetByLabel("The keg that comes off is empty").CheckAsync();
        await slow.GetByLabel("Beverage").FillAsync("Stout");
        await slow.GetByLabel("Size in litres").FillAsync("12.5");
        await slow.GetByRole(AriaRole.Button, new() { Name = "Put it on" }).ClickAsync();
        await Expect(slow.Locator(".said")).ToContainTextAsync("Tap 7 has Stout, 12.5 L now.");

        // A guest who looks changes nothing, and is not told who does.
        var guest = await Browser.VisitAsync();
        await host.OpenAsync(guest);
        await Expect(guest.Locator("[data-tap='7'] .keg-beverage")).ToHaveTextAsync("Stout");
        await Expect(guest.GetByRole(AriaRole.Link, new() { Name = "Change keg" })).ToHaveCountAsync(0);
        await Expect(guest.Locator("[data-tap='7'] .keg-level")).ToHaveTextAsync("12.5 of 12.5 L");
        // The gauge falls while it is looked at.
        await host.StoreAsync(await host.AppendAsync(500, tapId: 7));
        await Expect(guest.Locator("[data-tap='7'] .keg-level")).ToHaveTextAsync("12.0 of 12.5 L");
        await host.OpenAsync(guest, "kegs");
        await Expect(guest.Locator("[data-keg]")).ToHaveCountAsync(3);
        await Expect(guest.GetByRole(AriaRole.Button, new() { Name = "Add a full keg" })).ToHaveCountAsync(0);
        await Expect(guest.GetByRole(AriaRole.Link, new() { Name = "Märzen" })).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_keg_has_its_story_and_its_level_is_corrected_by_weight()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await host.RegisterAsync((7, "Terrace"));
        await AddAsync(host, "/api/beverages", """{"name":"Märzen","brewery":"Hof","style":"Märzen","abvPercent":5.8,"ibu":24,"colorEbc":22}""");
        var page = await Browser.VisitAsync();
        await host.SignInAsync(page, "staff", "kegs");

        // Before the server listens nobody can type what would be lost then.
        var asked = new TaskCompletionSource<IRoute>();
        await page.RouteAsync("**/_blazor/negotiate*", route => asked.SetResult(route));
        await page.GotoAsync(host.Address + "kegs");
        var first = await asked.Task;
        await Expect(page.GetByLabel("Beverage")).ToBeDisabledAsync();
        await page.GetByLabel("Beverage").ClickAsync(new() { Force = true });
        await page.Keyboard.TypeAsync("lost");
        await Expect(page.GetByLabel("Beverage")).ToHaveValueAsync("");
        Assert.Equal(0, await page.Locator("main :is(input, select, textarea, button):enabled").CountAsync());
        await first.ContinueAsync();
        await page.UnrouteAsync("**/_blazor/negotiate*");
        await Expect(page.GetByLabel("Beverage")).ToBeEnabledAsync();
        await Expect(page.Locator("main :disabled")).ToHaveCountAsync(0);

        await page.GetByLabel("Beverage").FillAsync("Märzen");
        await page.GetByLabel("Size in litres").FillAsync("20");
        await page.GetByLabel("Empty weight in kg").FillAsync("9.5");
        await page.GetByLabel("Cost").FillAsync("84.50");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a full keg" }).ClickAsync();
        await Expect(page.Locator(".said")).ToContainTextAsync("Märzen is in stock.");
        var keg = await page.Locator("[data-keg]").GetAttributeAsync("data-keg");
        using var put = await host.Api.Admin.PutAsJsonAsync("/api/taps/7/keg", new { kegId = keg });
        Assert.True(put.IsSuccessStatusCode);
        await host.ExecuteSqlAsync($"UPDATE tappings SET tapped_at = now() - interval '1 hour'");
        await host.ExecuteSqlAsync($"UPDATE audit SET at = at - interval '1 hour', status = 200 WHERE path = '/api/taps/7/keg'");
        for (var n = 0; n < 12; n++)
        {
            var body = n < 10 ? """{"volume":500}""" : """{"volume":250,"purpose":"foam"}""";
            await host.StoreAsync(await host.AppendAsync(EntryKinds.Pour, body, "7"));
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "Märzen" }).ClickAsync();
        await Expect(page).ToHaveTitleAsync("Keg of Märzen · Taproom");
        await Expect(Row(page, "Poured to be sold")).ToContainTextAsync("5.00 L");
        await Expect(Row(page, "Foam")).ToContainTextAsync("0.50 L");
        await Expect(Row(page, "Left")).ToContainTextAsync("14.50 L");
        await Expect(page.Locator(".who")).ToHaveTextAsync("on by admin key");
        // 5.5 L in an hour.
        await Expect(page.Locator("#forecast")).ToContainTextAsync(new Regex("Empty in about 3 h .*30 pints left"));

        await page.GetByLabel("Reading").FillAsync("23");
        await page.GetByRole(AriaRole.Button, new() { Name = "Correct the level" }).ClickAsync();
        await Expect(page.Locator("[data-reading]")).ToContainTextAsync("13.50 L");
        await Expect(page.Locator("[data-reading]")).ToContainTextAsync("corrected by -1.00 L");
        await Expect(Row(page, "Missing by readings")).ToContainTextAsync("1.00 L");
        await page.GetByLabel("Reading").FillAsync("3");
        await page.GetByRole(AriaRole.Button, new() { Name = "Correct the level" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The empty keg weighs 9500 g");

        // Somebody else corrects the cost first.
        using var other = await host.Api.Admin.PatchAsJsonAsync($"/api/kegs/{keg}", new { cost = 80 });
        await page.GetByLabel("Cost").FillAsync("79");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Somebody else has changed keg")).ToBeVisibleAsync();
        Assert.Equal(80, (await host.Api.Admin.GetFromJsonAsync<JsonElement>($"/api/kegs/{keg}")).GetProperty("cost").GetDecimal());
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Cost")).ToHaveValueAsync("80");
        await page.GetByLabel("Cost").FillAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        Assert.Equal(JsonValueKind.Null, (await host.Api.Admin.GetFromJsonAsync<JsonElement>($"/api/kegs/{keg}")).GetProperty("cost").ValueKind);
        await page.SetViewportSizeAsync(1440, 1000);
        await Chromium.FitsAsync(page, "keg");
        await host.OpenAsync(page, "kegs");
        await Expect(page.Locator("[data-keg]")).ToHaveCountAsync(1);
        await Chromium.FitsAsync(page, "kegs");
        await page.SetViewportSizeAsync(390, 844);
        await Chromium.FitsAsync(page, "kegs-phone");
        await host.OpenAsync(page, $"kegs/{keg}");
        await Expect(Row(page, "Left")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, "keg-phone");
        await InUsUnitsAsync(host, page, keg!);
    }

    [Fact]
    public async Task A_beverage_is_added_changed_and_archived()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await AddAsync(host, "/api/beverages", """{"name":"Pils","brewery":"<b>Hof</b>","colorEbc":7}""");
        var page = await Browser.VisitAsync();
        await host.SignInAsync(page, "staff", "beverages");
        await Expect(page.Locator("[data-beverage]")).ToContainTextAsync("<b>Hof</b>");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add a beverage" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("PILS");
        await page.GetByLabel("Style").FillAsync("Pilsner");
        await page.GetByLabel("Colour in EBC").FillAsync("79");
        await page.GetByLabel("Price of a litre").FillAsync("9.80");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is a beverage PILS already");
        // What was typed is still there.
        await page.GetByLabel("Name").FillAsync("Imperial stout");
        await Chromium.FitsAsync(page, "beverage");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{host.Address}beverages");
        await Expect(page.Locator("[data-beverage]")).ToHaveCountAsync(2);
        await Chromium.FitsAsync(page, "beverages");

        await page.GetByRole(AriaRole.Link, new() { Name = "Imperial stout" }).ClickAsync();
        await page.GetByLabel("Style").FillAsync("");
        await page.GetByLabel("In the archive").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "All beverages" }).ClickAsync();
        await Expect(page.Locator("[data-beverage]")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "Those in the archive" }).ClickAsync();
        await Expect(page.Locator("[data-beverage]")).ToContainTextAsync("Imperial stout");
        await page.SetViewportSizeAsync(390, 844);
        await Chromium.FitsAsync(page, "beverages-phone");
    }

    // What is typed is stored as exactly that, and is shown again as it was typed.
    private static async Task InUsUnitsAsync(LivePageHost host, IPage page, string keg)
    {
        await page.GetByLabel("Units").SelectOptionAsync("us");
        await Expect(page.Locator(".now")).ToContainTextAsync("5.283 gal, of which 28.53 pt are left.");
        await Expect(Row(page, "Foam")).ToContainTextAsync("1.06 pt");
        await page.GetByLabel("Cost").FillAsync("81");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        var stored = await host.Api.Admin.GetFromJsonAsync<JsonElement>($"/api/kegs/{keg}");
        Assert.Equal((20_000, 9_500), (stored.GetProperty("sizeMl").GetDecimal(), stored.GetProperty("tareG").GetDecimal()));

        await page.GetByLabel("Size in US gallons").FillAsync("15.5");
        await page.GetByLabel("Empty weight in lb").FillAsync("29.7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".now")).ToContainTextAsync("15.5 gal");
        await page.GetByLabel("Reading").FillAsync("100");
        await page.GetByRole(AriaRole.Button, new() { Name = "Correct the level" }).ClickAsync();
        // 70.3 lb of beer.
        await Expect(page.Locator("[data-reading]").First).ToContainTextAsync("67.39 pt");
        await page.GetByLabel("By").SelectOptionAsync("left");
        await page.GetByLabel("Reading").FillAsync("64");
        await page.GetByRole(AriaRole.Button, new() { Name = "Correct the level" }).ClickAsync();
        await Expect(page.Locator("[data-reading]").First).ToContainTextAsync("64.00 pt");
        await Chromium.FitsAsync(page, "keg-us-phone");
        stored = await host.Api.Admin.GetFromJsonAsync<JsonElement>($"/api/kegs/{keg}");
        Assert.Equal(
            (58_673.883m, 13_471.693m, 30_283.294m),
            (stored.GetProperty("sizeMl").GetDecimal(), stored.GetProperty("tareG").GetDecimal(), stored.GetProperty("levelMl").GetDecimal())
        );
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Size in US gallons")).ToHaveValueAsync("15.5");
        await Expect(page.GetByLabel("Empty weight in lb")).ToHaveValueAsync("29.7");
        await host.OpenAsync(page, "kegs");
        await Expect(page.Locator("[data-keg]")).ToContainTextAsync("15.5 gal");
        await Expect(page.GetByLabel("Size in US gallons")).ToHaveValueAsync("15.5");
    }

    private static ILocator Row(IPage page, string name) => page.Locator(".yield tr", new() { HasText = name });

    private static async Task AddAsync(LivePageHost host, string path, string json)
    {
        using var added = await host.Api.Admin.PostAsync(path, new StringContent(json));
        // 409 where it was added by a call that was answered too late.
        Assert.True(added.IsSuccessStatusCode || (int)added.StatusCode is 409, $"{(int)added.StatusCode} {await added.Content.ReadAsStringAsync()}");
    }
}
