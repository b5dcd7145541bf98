using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Signing in and out, and what becomes of a page whose session has ended.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class SignInTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task Somebody_signs_in_comes_back_to_the_page_that_asked_for_it_and_signs_out()
    {
        var clock = new AheadClock();
        await using var host = await LivePageHost.StartWithApiAsync(servers, clock);
        await host.Api.AddUserAsync("Ann <b>", "staff");
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.OpenAsync(page);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Manage" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await Chromium.FitsAsync(page, "sign-in");

        // Without having signed in, the page that needs it leads here and back.
        await page.GotoAsync(host.Address + "manage");
        await Expect(page).ToHaveURLAsync($"{host.Address}sign-in?ReturnUrl=%2Fmanage");
        // A page that was open for so long that its form is not taken any more.
        await page.Context.ClearCookiesAsync();
        await page.GetByLabel("Name").FillAsync("ann <B>");
        await page.GetByLabel("Password").FillAsync(ApiHost.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This form was open for too long; please send it again.");
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("ann <B>");
        await Chromium.FitsAsync(page, "sign-in-stale");
        await LivePageHost.EnterAsync(page, "ann <B>", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The name or the password is wrong");
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("ann <B>");
        await Expect(page.GetByLabel("Password")).ToHaveValueAsync("");
        await Chromium.FitsAsync(page, "sign-in-wrong");
        await LivePageHost.EnterAsync(page, "ann <B>", ApiHost.Password);
        await Expect(page).ToHaveURLAsync($"{host.Address}manage");
        await Expect(page.GetByText("Ann <b>")).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-feed", "listening");

        // The cookie is out of reach of script, and the API's token is nowhere in the page.
        var cookie = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == "taproom-session");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Lax, cookie.SameSite);
        Assert.DoesNotContain("session_", await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(host.Address);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sign in" })).ToBeVisibleAsync();
        Assert.DoesNotContain(await page.Context.CookiesAsync(), cookie => cookie.Name == "taproom-session");
        // A cookie that somebody kept is worth nothing any more.
        await page.Context.AddCookiesAsync([
            new Microsoft.Playwright.Cookie
            {
                Name = cookie.Name,
                Value = cookie.Value,
                Url = host.Address,
            },
        ]);
        await Eventually.TrueAsync(
            async () =>
            {
                // So long the page believes what the API has said of a session.
                clock.Ahead += TimeSpan.FromSeconds(20);
                await page.GotoAsync(host.Address + "manage");
                return page.Url.Contains("sign-in", StringComparison.Ordinal);
            },
            "the old cookie is refused"
        );
    }

    [Fact]
    public async Task After_five_wrong_passwords_the_right_one_is_refused_too()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await host.Api.AddUserAsync("ann", "staff");
        var page = await Browser.VisitAsync();
        await page.GotoAsync(host.Address + "sign-in?ReturnUrl=https%3A%2F%2Felsewhere.example%2F");
        for (var n = 0; n < 5; n++)
        {
            await LivePageHost.EnterAsync(page, "ann", $"wrong {n}");
            await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        }

        await LivePageHost.EnterAsync(page, "ann", ApiHost.Password);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("too many wrong ones");

        // Somebody else still gets in, and is not sent to another site.
        await host.Api.AddUserAsync("bob", "viewer");
        await LivePageHost.EnterAsync(page, "bob", ApiHost.Password);
        await Expect(page).ToHaveURLAsync(host.Address);
    }

    [Fact]
    public async Task What_a_viewer_may_not_do_is_refused_by_the_page_and_by_the_API()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.SignInAsync(page, "viewer");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Users" })).ToHaveCountAsync(0);
        await Chromium.FitsAsync(page, "manage-viewer");

        foreach (var path in (string[])["users", "audit"])
        {
            await page.GotoAsync(host.Address + path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Your role does not allow this page");
        }

        await Chromium.IsAccessibleAsync(page);
        await Chromium.FitsAsync(page, "not-allowed");
        await page.GotoAsync(host.Address + "status/503");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Just a moment");
        await Chromium.IsAccessibleAsync(page);
        await Chromium.FitsAsync(page, ("just-a-moment", 1440, 900, ColorScheme.Light), ("just-a-moment-phone", 320, 700, ColorScheme.Dark));

        using var begun = await host.Api.Admin.PostAsJsonAsync("/api/sessions", new { name = "viewer of the bar", password = ApiHost.Password });
        using var viewer = host.Api.CreateClient();
        var token = (await begun.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("token").GetString();
        viewer.DefaultRequestHeaders.Authorization = new("Bearer", token);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("/api/users")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.PostAsJsonAsync("/api/kegs", new { beverage = "Pils", sizeMl = 30_000 })).StatusCode);
    }

    [Fact]
    public async Task The_page_of_links_fits_every_screen()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.OpenAsync(page);
        await Chromium.FitsAsync(page, ("manage-phone-before", 320, 700, ColorScheme.Dark), ("manage-before", 1440, 900, ColorScheme.Light));
        await host.SignInAsync(page, "admin");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Users" })).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, ("manage", 1440, 900, ColorScheme.Light), ("manage-phone", 320, 700, ColorScheme.Dark));
    }
}
