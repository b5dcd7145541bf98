using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What was set aside, and what an admin does with it.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class DeadLettersPageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    // So often an open page looks at what is set aside.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task An_admin_finds_dead_letters_puts_them_back_and_deletes_them_and_nobody_else_sees_one()
    {
        var clock = new AheadClock();
        await using var host = await LivePageHost.StartWithApiAsync(servers, clock);
        await SetAsideAsync(host, "1", "By mistake.", """{"volume":500}""");
        await SetAsideAsync(host, "2", "Too little.", """{"volume":5}""");
        await SetAsideAsync(host, "3", "Of another tap.", """{"volume":400}""", isFinal: true);
        var page = await Browser.VisitAsync();
        await page.GotoAsync($"{host.Address}dead-letters");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        var staff = await Browser.VisitAsync();
        await host.SignInAsync(staff, "staff", "manage");
        await Expect(staff.GetByRole(AriaRole.Link, new() { Name = "Dead letters" })).ToHaveCountAsync(0);
        await staff.GotoAsync($"{host.Address}dead-letters");
        await Expect(staff.GetByText("Your role does not allow this page")).ToBeVisibleAsync();

        await host.SignInAsync(page, "admin", "line");
        await page.GetByRole(AriaRole.Link, new() { Name = "Dead letters" }).ClickAsync();
        await Expect(page.Locator("[data-letter]")).ToHaveCountAsync(3);
        // The newest first; what can never be stored has no way back.
        var letters = page.Locator("[data-letter]");
        await Expect(letters.First).ToContainTextAsync("Of another tap.");
        await Expect(letters.First.GetByRole(AriaRole.Button, new() { Name = "Put back" })).ToHaveCountAsync(0);
        await page.GetByLabel("Reason").FillAsync("MISTAKE");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(letters).ToHaveCountAsync(1);
        await Expect(letters).ToContainTextAsync("""{"volume":500}""");
        await letters.GetByRole(AriaRole.Button, new() { Name = "Put back" }).ClickAsync();
        await Expect(page.GetByText("It went back and is tried again.")).ToBeVisibleAsync();
        await Expect(page.GetByText("No dead letter is like that.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Show all dead letters" }).ClickAsync();
        await Expect(letters).ToHaveCountAsync(2);
        // What comes meanwhile waits until it is asked for, what has gone keeps its place, and what is typed stays.
        await page.GetByLabel("Reason").FillAsync("half a wo");
        await letters.First.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await SetAsideAsync(host, "4", "Just now.", """{"volume":450}""");
        clock.Ahead += LookPeriod;
        var news = page.GetByRole(AriaRole.Button, new() { Name = "Show 1 new one" });
        await Expect(news).ToBeVisibleAsync();
        await Expect(letters).ToHaveCountAsync(2);
        await Expect(letters.First.GetByRole(AriaRole.Button, new() { Name = "Delete it" })).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Reason")).ToHaveValueAsync("half a wo");
        await news.ClickAsync();
        await Expect(letters).ToHaveCountAsync(3);
        await Expect(letters.First).ToContainTextAsync("Just now.");
        using var gone = await host.Api.Admin.DeleteAsync($"/api/dead-letters/{await letters.First.GetAttributeAsync("data-letter")}");
        Assert.True(gone.IsSuccessStatusCode);
        clock.Ahead += LookPeriod;
        await Expect(letters.First).ToContainTextAsync("It is no longer set aside.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show what is left" }).ClickAsync();
        await Expect(letters).ToHaveCountAsync(2);
        await letters.First.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await letters.First.GetByRole(AriaRole.Button, new() { Name = "Delete it" }).ClickAsync();
        await Expect(letters).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Put all back" }).ClickAsync();
        await Expect(page.GetByText("1 went back and is tried again.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Nothing is set aside")).ToBeVisibleAsync();
        Assert.Equal(2, (await host.Services.GetRequiredService<IngestLine>().ReadAsync()).Waiting);

        // What other services say is German on a German page.
        await SetAsideAsync(host, "7", "There is no glass type for the specified volume", """{"volume":5}""");
        await host.RegisterAsync((7, "Terrace"));
        await page.GetByLabel("Language").SelectOptionAsync("Deutsch");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        await Expect(letters).ToContainTextAsync("Für diese Menge gibt es kein Glas");
        await Chromium.FitsAsync(page, "dead-letters-german");
        await host.OpenAsync(page, "taps/new");
        await page.GetByLabel("Nummer des Zapfhahns").FillAsync("7");
        await page.GetByLabel("Name des Zapfhahns").FillAsync("Terrasse");
        await page.GetByRole(AriaRole.Button, new() { Name = "Anlegen" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Hahn 7 ist schon angelegt.");
    }

    [Fact]
    public async Task The_page_fits_every_screen_whatever_was_sent()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        await SetAsideAsync(host, "7", "There is no glass type for the specified volume", """{"volume":5,"pulses":2}""");
        await SetAsideAsync(
            host,
            new string('7', 5_000),
            $"<script>alert(1)</script> {new string('x', 10_000)}",
            $"<b>{string.Concat(Enumerable.Repeat("🍺", 5_000))}"
        );
        await SetAsideAsync(host, "\u202e7", "\u202eسبب غير معروف \u0000", "\u202e{\"حجم\":5}");
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.SignInAsync(page, "admin", "dead-letters");
        await Expect(page.Locator("[data-letter]")).ToHaveCountAsync(3);
        await Expect(page.GetByText("<script>alert(1)</script>")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, ("dead-letters", 1440, 900, ColorScheme.Dark), ("dead-letters-phone", 390, 844, ColorScheme.Light));
    }

    private static Task SetAsideAsync(LivePageHost host, string tap, string reason, string body, bool isFinal = false) =>
        host
            .Services.GetRequiredService<IngestStream>()
            .SetAsideAsync(
                new IngestEntry
                {
                    Id = Guid.NewGuid(),
                    Kind = EntryKinds.Pour,
                    Tap = tap,
                    ReceivedAt = DateTimeOffset.UtcNow,
                    Body = Encoding.UTF8.GetBytes(body),
                    TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                },
                reason,
                "store",
                CancellationToken.None,
                isFinal
            );
}
