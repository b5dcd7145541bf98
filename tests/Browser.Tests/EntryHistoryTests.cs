using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>All stored events and messages.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class EntryHistoryTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task Events_are_found_by_what_they_say_and_paged_through()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.ExecuteSqlAsync(
            $"""
            INSERT INTO events (id, created_at, component, environment, email, message, data)
            SELECT gen_random_uuid(), '2026-11-27 19:00Z'::timestamptz - n * interval '1 minute', 'line ' || n % 2, 'bar',
                CASE WHEN n % 10 = 0 THEN 'ann@bar.example' END, 'Cleaned 100% of ' || n, '[1]'
            FROM generate_series(0, 119) AS n
            """
        );
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page, "events");
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(50);
        await page.GetByRole(AriaRole.Link, new() { Name = "Page through all of them" }).ClickAsync();
        // The page before it shows the same fifty, with the new address already, and then none for a moment.
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Older" })).ToBeVisibleAsync();

        var seen = new HashSet<string>();
        foreach (var count in (int[])[50, 50, 20])
        {
            await Expect(page.GetByText($"Cleaned 100% of {seen.Count}", new() { Exact = true })).ToBeVisibleAsync();
            await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(count);
            seen.UnionWith(await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[data-entry]')].map(row => row.dataset.entry)"));
            if (seen.Count < 120)
            {
                await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
            }
        }

        Assert.Equal(120, seen.Count);
        await page.GetByLabel("Component").FillAsync("line 0");
        await page.GetByLabel("Environment").FillAsync("bar");
        await page.GetByLabel("Email").FillAsync("ann@bar.example");
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync("CLEANED 100% of");
        await page.GetByLabel("From").FillAsync("2026-11-27T19:30");
        await page.GetByLabel("To", new() { Exact = true }).FillAsync("2026-11-27T20:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        // Ten, twenty and thirty minutes before eight in Berlin.
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(3);
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync("1000%");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.GetByText("No stored event is like that.")).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, "events-found");
        foreach (var query in (string[])["from=soon", "before=1-2-3"])
        {
            await host.OpenAsync(page, $"events?{query}");
            await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task Messages_are_paged_through_whatever_they_hold()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var text = $"\"<script>alert(1)</script> \u202eنص 🍺 {new string('x', 10_000)}\"";
        await host.ExecuteSqlAsync(
            $"INSERT INTO messages (id, received_at, payload) SELECT gen_random_uuid(), now(), CASE WHEN n = 0 THEN {text} ELSE n::text END FROM generate_series(0, 69) AS n"
        );
        var page = await Browser.VisitAsync(390, 844, ColorScheme.Dark, ReducedMotion.Reduce);
        await host.OpenAsync(page, "messages");
        await page.GetByRole(AriaRole.Link, new() { Name = "Page through all of them" }).ClickAsync();
        await Expect(page.GetByText("69", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(20);
        await Expect(page.GetByText("<script>alert(1)</script>")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Older" })).ToHaveCountAsync(0);
        await Chromium.FitsAsync(page, "messages-all-phone");
        await host.OpenAsync(page, "messages?before=x");
        await Expect(page.GetByText("This part of the list does not exist.")).ToBeVisibleAsync();
    }
}
