using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The pages for admins: users, and who changed what.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class UsersPageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task An_admin_adds_changes_and_removes_a_user_and_the_audit_tells_it()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.SignInAsync(page, "admin", "users");
        await AddAsync(page, "Bob <i>", "short");
        // The browser itself refuses it; nothing was sent.
        await Expect(page.Locator("[data-user]")).ToHaveCountAsync(1);
        await AddAsync(page, "Bob <i>", "what only bob knows");
        await Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "can sign in now" })).ToHaveTextAsync("Bob <i> can sign in now.");
        await AddAsync(page, "BOB <I>", "what only bob knows");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("There is a user of that name.");
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("BOB <I>");

        await page.GetByLabel("Role of Bob <i>").SelectOptionAsync("viewer");
        await Expect(page.GetByText("Bob <i> is viewer now")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "New password for Bob <i>" }).ClickAsync();
        await page.GetByLabel("New password of Bob <i>").FillAsync("another that bob knows");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it" }).ClickAsync();
        await Expect(page.GetByText("Bob <i> has a new password")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, "users-changed");

        // The last admin stays, and is told why.
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove admin of the bar" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove admin of the bar for good" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This is the last admin");
        await page.GetByRole(AriaRole.Button, new() { Name = "Leave it" }).ClickAsync();
        await page.GetByLabel("Role of admin of the bar").SelectOptionAsync("viewer");
        await Expect(page.GetByLabel("Role of admin of the bar")).ToHaveValueAsync("admin");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Bob <i>" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Bob <i> for good" }).ClickAsync();
        await Expect(page.Locator("[data-user]")).ToHaveCountAsync(1);

        using var wrong = await host.Api.CreateClient().PostAsync("/api/sessions", new StringContent("""{"name":"x","password":"y"}"""));
        await host.OpenAsync(page, "audit");
        await Expect(page.Locator("[data-entry]").First).ToContainTextAsync("Nobody who is known");
        await Expect(page.Locator("[data-entry]").First).ToContainTextAsync("Refused: not signed in");
        await Expect(page.GetByText("Bob <i> is no user any more.")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, "audit-told");
        await page.GetByRole(AriaRole.Link, new() { Name = "admin of the bar" }).First.ClickAsync();
        await Expect(page.GetByText("Nobody who is known")).ToHaveCountAsync(0);
        await Expect(page.GetByLabel("User", new() { Exact = true })).ToHaveValueAsync("admin of the bar");
    }

    [Fact]
    public async Task A_session_that_ended_says_so_and_loses_nothing_that_was_typed()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.SignInAsync(page, "admin", "users");
        await Expect(page.Locator("[data-user]")).ToHaveCountAsync(1);
        await host.ExecuteSqlAsync($"DELETE FROM sessions");
        await AddAsync(page, "bob", "what only bob knows");
        await Expect(page.Locator("#session-ended")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, "session-ended");

        var tab = await page.Context.RunAndWaitForPageAsync(() => page.Locator("#session-ended a").ClickAsync());
        await tab.GetByLabel("Name").FillAsync("admin of the bar");
        await tab.GetByLabel("Password").FillAsync(ApiHost.Password);
        await tab.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("You are signed in");
        await Chromium.FitsAsync(tab, "signed-in-again");
        await tab.CloseAsync();

        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("bob");
        // On a busy machine the store may be late, and somebody would send it again.
        var added = page.GetByText("bob can sign in now.").Or(page.GetByText("There is a user of that name."));
        await Eventually.TrueAsync(
            async () =>
            {
                await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
                await Expect(page.Locator(".said, .fault")).ToBeVisibleAsync();
                return await added.IsVisibleAsync();
            },
            "what was typed is sent as the visitor who has signed in again",
            TimeSpan.FromSeconds(60)
        );
        await Expect(page.Locator("#session-ended")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_pages_fit_every_screen_and_the_audit_goes_on_page_by_page()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await host.Api.AddUserAsync(new string('W', 60), "viewer");
        await host.ExecuteSqlAsync($"UPDATE users SET locked_until = now() + interval '10 minutes'");
        await host.ExecuteSqlAsync(
            $"INSERT INTO audit (at, caller, address, method, path, status) SELECT now() - n * interval '3 hours', 'Änne', '2001:db8::8a2e:370:7334', 'PATCH', '/api/beers/0199f5a0-0000-7000-8000-000000000001', 200 + 100 * (n % 3) FROM generate_series(1, 60) AS n"
        );
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.SignInAsync(page, "admin", "users");
        await Expect(page.Locator("[data-user]")).ToHaveCountAsync(2);
        await Chromium.FitsAsync(page, Screens("users"));

        await host.OpenAsync(page, "audit");
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(50);
        await Chromium.FitsAsync(page, Screens("audit"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(13);
        await page.GetByRole(AriaRole.Link, new() { Name = "Newest" }).ClickAsync();
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(50);

        await page.GotoAsync(host.Address + "password");
        await page.GetByLabel("Password until now").FillAsync("wrong");
        await page.GetByLabel("New password").FillAsync("something else");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The old password is wrong");
        await Chromium.FitsAsync(page, Screens("password"));
        await page.GetByLabel("Password until now").FillAsync(ApiHost.Password);
        await page.GetByLabel("New password").FillAsync("something else");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change it" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{host.Address}sign-in?ReturnUrl=%2Fmanage");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Sign in");
    }

    private static IEnumerable<(string Name, int Width, int Height, ColorScheme Colors)> Screens(string name) =>
        [(name, 1440, 900, ColorScheme.Light), ($"{name}-phone", 320, 700, ColorScheme.Dark)];

    private static async Task AddAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByLabel("Password, 10 characters or more").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
    }
}
