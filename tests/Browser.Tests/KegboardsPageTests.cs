using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Controllers of Kegbot that ask to be let in.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class KegboardsPageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    private const string Device = "kegboard-<b>a1";

    [Fact]
    public async Task An_admin_lets_a_Kegboard_in_changes_its_taps_and_sends_it_away()
    {
        await using var host = await LivePageHost.StartWithApiAsync(servers);
        var now = DateTimeOffset.UtcNow;
        await host.ExecuteSqlAsync(
            $"""
            INSERT INTO kegboards (device, state, taps, token_due, asked_at, first_seen, last_seen, address, events_dropped)
            VALUES ({Device}, 0, ARRAY[]::integer[], false, {now}, {now}, {now}, '192.168.1.20', 3)
            """
        );
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.SignInAsync(page, "admin", "kegboards");
        var row = page.Locator("[data-kegboard]");
        await Expect(row).ToContainTextAsync($"{Device} asks to be let in");
        await Expect(row).ToContainTextAsync("From 192.168.1.20");
        await Expect(row).ToContainTextAsync("It had to drop 3 events");

        await row.GetByLabel("Taps of its meters").FillAsync("7, left");
        await row.GetByRole(AriaRole.Button, new() { Name = "Let in" }).ClickAsync();
        await Expect(row.GetByRole(AriaRole.Alert)).ToContainTextAsync("Numbers of taps");
        await row.GetByLabel("Taps of its meters").FillAsync("7, 8");
        await row.GetByRole(AriaRole.Button, new() { Name = "Let in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "is let in" })).ToBeVisibleAsync();
        await Expect(row).ToContainTextAsync("sends for taps 7, 8");
        var listed = await host.Api.Admin.GetFromJsonAsync<JsonElement>("/api/kegboards");
        Assert.Equal("allowed", listed.GetProperty("kegboards")[0].GetProperty("state").GetString());
        await Chromium.FitsAsync(page, "kegboards");

        await row.GetByRole(AriaRole.Button, new() { Name = "Deny" }).ClickAsync();
        await Expect(row).ToContainTextAsync("is not let in");
        await row.GetByRole(AriaRole.Button, new() { Name = "Forget" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
    }
}
