using Microsoft.Playwright;
using Taproom.Ingest;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

[Collection(nameof(BrowserCollection))]
public sealed class MessagesPageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    private const string Nasty =
        "{\"html\": \"<script>document.title='taken'</script><img src=x onerror=\\\"document.title='taken'\\\">\",\n  \"text\": \"grüße 🍺 مرحبا \u202eright to left\"}";

    [Fact]
    public async Task A_message_appears_by_itself_on_every_open_page_and_becomes_stored()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        IPage[] pages = [await Browser.VisitAsync(), await Browser.VisitAsync()];
        var loads = 0;
        foreach (var page in pages)
        {
            await host.OpenAsync(page, "messages");
            await Expect(page.GetByText("No message yet.")).ToBeVisibleAsync();
            page.Load += (_, _) => loads++;
        }

        var first = await host.AppendAsync(EntryKinds.Message, """{"hello":["world",1]}""");
        foreach (var page in pages)
        {
            await Expect(Row(page, first)).ToContainTextAsync("""{"hello":["world",1]}""");
            await Expect(Row(page, first)).ToContainTextAsync("received");
            await Expect(page.Locator("#announcer")).ToHaveTextAsync("""Message: {"hello":["world",1]}""");
        }

        var second = await host.AppendAsync(EntryKinds.Message, "2");
        await host.StoreMessageAsync(first);
        foreach (var page in pages)
        {
            await Expect(page.Locator("[data-entry]")).ToHaveCountAsync(2);
            await Expect(page.Locator("[data-entry]").First).ToHaveAttributeAsync("data-entry", second.Id.ToString());
            await Expect(Row(page, first).Locator(".state")).ToHaveCountAsync(0);
            await Expect(Row(page, second)).ToContainTextAsync("received");
        }

        Assert.Equal(0, loads);
    }

    [Fact]
    public async Task A_payload_is_shown_as_the_text_that_was_sent_and_a_long_one_is_cut_until_its_reader_asks_for_all_of_it_by_the_keyboard()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync(width: 390, height: 844);
        await host.OpenAsync(page, "messages");
        var nasty = await host.AppendAsync(EntryKinds.Message, Nasty);
        await Expect(Row(page, nasty)).ToBeVisibleAsync();
        Assert.Equal(Nasty, await Row(page, nasty).Locator(".json").TextContentAsync());
        await Expect(page).ToHaveTitleAsync("Messages · Taproom");
        await Expect(Row(page, nasty).Locator("script, img")).ToHaveCountAsync(0);
        var text = $"\"{new string('x', 60_000)}\"";

        var entry = await host.AppendAsync(EntryKinds.Message, text);
        var more = Row(page, entry).GetByRole(AriaRole.Button, new() { Name = "Show all" });
        await Expect(more).ToHaveAttributeAsync("aria-expanded", "false");
        Assert.Equal(301, (await Row(page, entry).Locator(".json").TextContentAsync())!.Length);

        await more.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(Row(page, entry).Locator(".json")).ToHaveTextAsync(text);
        await Chromium.FitsAsync(page, "long-message");

        // What comes meanwhile closes nothing.
        await Expect(Row(page, await host.AppendAsync(EntryKinds.Message, "2"))).ToBeVisibleAsync();
        await Expect(Row(page, entry).Locator(".json")).ToHaveTextAsync(text);
        await Row(page, entry).GetByRole(AriaRole.Button, new() { Name = "Show less" }).ClickAsync();
        await Expect(more).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_keg_that_runs_low_is_seen_on_its_tap_and_among_the_events()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        await host.PutKegAsync(tapId: 5, "Märzen", sizeMl: 1_000);
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        var meter = page.GetByRole(AriaRole.Meter, new() { Name = "Keg of Märzen" });
        await Expect(meter).ToHaveAttributeAsync("aria-valuenow", "100");

        var pour = await host.AppendAsync(900, tapId: 5);
        await Expect(meter).ToHaveAttributeAsync("aria-valuenow", "10");
        await Expect(page.Locator("[data-tap='5']")).ToContainTextAsync("keg low");
        await host.StoreAsync(pour);
        // What a worker tells then.
        await host.AppendAsync(
            EntryKinds.Event,
            """{"component":"keg-low","environment":"taproom","message":"Keg Märzen on tap 5 is low.","data":{}}"""
        );
        await Expect(page.Locator("#announcer")).ToContainTextAsync("Event: Keg Märzen on tap 5 is low.");

        await page.GetByRole(AriaRole.Link, new() { Name = "Events" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Events" })).ToHaveAttributeAsync("aria-current", "page");
        var row = page.Locator("[data-entry]");
        await Expect(row).ToContainTextAsync("Keg Märzen on tap 5 is low.");
        // It comes by the stream, and no worker runs here that would store it.
        await Expect(row).ToContainTextAsync("received");
    }

    [Fact]
    public async Task The_pages_fit_every_screen()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.OpenAsync(page, "messages");
        string[] values =
        [
            Nasty,
            $"\"{new string('x', 2_000)}\"",
            """{"hello":["world",1]}""",
            "42",
            """{"delivery":{"supplier":"Nordbräu","kegs":[{"beverage":"Pils","sizeMl":30000}]}}""",
        ];
        IngestEntry activity = null!;
        foreach (var value in values)
        {
            await host.AppendAsync(EntryKinds.Message, value);
            activity = await host.AppendAsync(
                EntryKinds.Event,
                $$"""{"component":"line 3","environment":"production","email":"ann@bar.example","message":"Line cleaned","data":{{value}} }"""
            );
        }

        var stored = await host.AppendAsync(EntryKinds.Message, """{"temperatureC": 4.5}""");
        await host.StoreMessageAsync(stored);
        await Expect(Row(page, stored)).ToBeVisibleAsync();
        await Chromium.FitsAsync(
            page,
            ("messages", 1440, 900, ColorScheme.Light),
            ("messages-dark", 1440, 900, ColorScheme.Dark),
            ("messages-phone", 320, 700, ColorScheme.Light)
        );

        await host.OpenAsync(page, "events");
        await Expect(Row(page, activity)).ToBeVisibleAsync();
        await Chromium.FitsAsync(page, ("events-phone", 390, 844, ColorScheme.Dark), ("events", 1440, 900, ColorScheme.Light));
    }

    private static ILocator Row(IPage page, IngestEntry entry) => page.Locator($"[data-entry='{entry.Id}']");
}
