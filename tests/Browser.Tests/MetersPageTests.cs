using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The devices that are polled.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class MetersPageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task An_admin_adds_a_meter_asks_it_switches_it_off_and_deletes_it()
    {
        var clock = new AheadClock();
        await using var host = await LivePageHost.StartWithApiAsync(servers, clock);
        var page = await Browser.VisitAsync();
        await host.SignInAsync(page, "admin", "meters");
        await Expect(page.GetByText("No meter yet.")).ToBeVisibleAsync();

        await FillAsync(page, "00 27", $"{host.Api.Admin.BaseAddress}api/stats");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The member 'id' must be");
        await Expect(page.GetByLabel("User")).ToHaveValueAsync("ann");
        await FillAsync(page, "002738", $"{host.Api.Admin.BaseAddress}api/stats");
        var meter = page.Locator("[data-meter='002738']");
        await Expect(meter).ToContainTextAsync("on");
        await Expect(page.GetByLabel("Password")).ToHaveValueAsync("");

        await meter.GetByRole(AriaRole.Button, new() { Name = "Ask it now" }).ClickAsync();
        await Expect(page.GetByText("Meter 002738 answered.")).ToBeVisibleAsync();
        await meter.GetByRole(AriaRole.Button, new() { Name = "Switch off" }).ClickAsync();
        await Expect(page.GetByText("Meter 002738 is off.")).ToBeVisibleAsync();
        await Expect(meter.GetByRole(AriaRole.Button, new() { Name = "Switch on" })).ToBeVisibleAsync();

        await ReadAsync(host, 12);
        await meter.GetByRole(AriaRole.Button, new() { Name = "Readings" }).ClickAsync();
        await Expect(meter.Locator("[data-reading]")).ToHaveCountAsync(10);
        await Expect(meter.GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync("power: 1 to 12, the newest 12");
        await Expect(page.Locator("body")).Not.ToContainTextAsync("what-is-secret");

        // What another one has changed is seen while somebody types.
        await page.GetByLabel("User").FillAsync("half a na");
        await host.ExecuteSqlAsync($"UPDATE meters SET total_events_logged = 12");
        // So often it looks.
        clock.Ahead += TimeSpan.FromSeconds(5);
        await Expect(meter).ToContainTextAsync("12 readings");
        await Expect(meter.GetByRole(AriaRole.Button, new() { NameRegex = new("^Show [0-9]+ new readings$") })).ToBeVisibleAsync();
        await Expect(page.GetByLabel("User")).ToHaveValueAsync("half a na");
        await Chromium.FitsAsync(page, "meters");
        await Chromium.IsAccessibleAsync(page);

        await meter.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await meter.GetByRole(AriaRole.Button, new() { Name = "Delete it" }).ClickAsync();
        await Expect(page.GetByText("No meter yet.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_meter_that_does_not_answer_says_why_and_fits_a_phone()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        var (user, address) = ($"<b>{new string('u', 450)}", $"http://127.0.0.1:1/{new string('a', 450)}");
        using var posted = await host.Api.Admin.PostAsJsonAsync(
            "/api/meters",
            new
            {
                id = new string('7', 64),
                kind = "json",
                address,
                user,
                password = "what-is-secret",
            }
        );
        Assert.True(posted.IsSuccessStatusCode, JsonSerializer.Serialize(await posted.Content.ReadAsStringAsync()));
        var page = await Browser.VisitAsync(320, 700, ColorScheme.Dark, ReducedMotion.Reduce);
        await host.SignInAsync(page, "admin", "meters");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask it now" }).ClickAsync();
        await Expect(page.Locator("[data-meter] .fault")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-meter]")).ToContainTextAsync("<b>uuu");
        await Chromium.FitsAsync(page, "meters-phone");
    }

    private static async Task FillAsync(IPage page, string id, string address)
    {
        await page.GetByLabel("Id", new() { Exact = true }).FillAsync(id);
        await page.GetByLabel("Address").FillAsync(address);
        await page.GetByLabel("User").FillAsync("ann");
        await page.GetByLabel("Password").FillAsync("what-is-secret");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
    }

    // What a worker stores of a meter.
    private static async Task ReadAsync(LivePageHost host, int readings)
    {
        for (var n = 1; n <= readings; n++)
        {
            var body = JsonSerializer.Serialize(new { power = n, name = "<i>\u202eقوة 🍺</i>" });
            await host.ExecuteSqlAsync(
                $"INSERT INTO readings (id, device, received_at, body) VALUES ({Guid.NewGuid()}, 'meter:002738', now(), {body})"
            );
        }
    }
}
