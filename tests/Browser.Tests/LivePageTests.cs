using System.Collections.Concurrent;
using System.Globalization;
using Dashboard.Web.Board;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Taproom.Ingest;
using Taproom.Signals;
using Taproom.Taps;
using Testing;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

[Collection(nameof(BrowserCollection))]
public sealed class LivePageTests(Servers servers, Chromium chromium) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_pour_appears_by_itself_is_counted_and_becomes_stored_and_nothing_comes_from_elsewhere()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        var complaints = Complaints(page, host.Address);
        await host.OpenAsync(page);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Waiting for the first pour" })).ToBeVisibleAsync();
        var loads = 0;
        page.Load += (_, _) => loads++;

        var first = await host.AppendAsync(473, tapId: 3);
        await Expect(Row(page, first)).ToContainTextAsync("473 mL");
        await Expect(Row(page, first)).ToContainTextAsync("pint");
        await Expect(Row(page, first)).ToContainTextAsync("received");
        await Expect(Counter(page, tapId: 3)).ToHaveTextAsync("1");
        await Expect(page.Locator("#announcer")).ToHaveTextAsync("Tap 3 poured a pint of 473 millilitres.");
        // By the clock of the visitor.
        var local = TimeZoneInfo.ConvertTime(first.ReceivedAt, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        await Expect(Row(page, first).Locator("time")).ToHaveTextAsync(local.ToString("HH:mm:ss", CultureInfo.InvariantCulture));

        var second = await host.AppendAsync(300, tapId: 3);
        await host.AppendAsync(900, tapId: 12);
        await Expect(Counter(page, tapId: 3)).ToHaveTextAsync("2");
        await Expect(Counter(page, tapId: 12)).ToHaveTextAsync("1");
        await Expect(page.Locator("#total-pours")).ToHaveTextAsync("3");
        await Expect(page.Locator("#total-litres")).ToHaveTextAsync("1.7");

        await host.StoreAsync(first);
        await Expect(Row(page, first).Locator(".state")).ToHaveCountAsync(0);
        await Expect(Row(page, second)).ToContainTextAsync("received");
        Assert.Equal(0, loads);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_page_that_is_opened_after_a_time_without_any_shows_what_came_meanwhile_and_what_comes_next()
    {
        await using var host = await LivePageHost.StartAsync(servers, ("Dashboard:Linger", "00:00:00.100"));
        var page = await Browser.VisitAsync();
        await host.OpenAsync(page);
        await page.GotoAsync("about:blank");
        var board = host.Services.GetRequiredService<LiveBoard>();
        await Eventually.TrueAsync(() => Task.FromResult(board.View().State is BoardState.Starting), "nobody looks any more");
        for (var i = 0; i < 60; i++)
        {
            await host.StoreAsync(await host.AppendAsync(500, tapId: 3));
        }

        var waiting = await host.AppendAsync(250, tapId: 4);
        await host.OpenAsync(page);

        await Expect(Counter(page, tapId: 3)).ToHaveTextAsync("60");
        await Expect(page.Locator("#total-pours")).ToHaveTextAsync("61");
        await Expect(page.Locator("[data-pour]")).ToHaveCountAsync(50);
        await Expect(Row(page, waiting)).ToContainTextAsync("received");
        await Expect(page.Locator("#announcer")).ToBeEmptyAsync();

        var next = await host.AppendAsync(300, tapId: 3);
        await Expect(Row(page, next)).ToContainTextAsync("300 mL");
        await Expect(page.Locator("#total-pours")).ToHaveTextAsync("62");
        await Expect(page.Locator("#announcer")).ToHaveTextAsync("Tap 3 poured a half of 300 millilitres.");
    }

    [Fact]
    public async Task A_trace_id_can_be_followed_and_copied()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await host.OpenAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show traces" }).ClickAsync();

        const string TraceId = "0af7651916cd43dd8448eb211c80319c";
        var entry = await host.AppendAsync(500, tapId: 1, $"00-{TraceId}-b7ad6b7169203331-01");
        var link = Row(page, entry).GetByRole(AriaRole.Link);
        var traceId = (await link.GetAttributeAsync("href"))!.Replace("http://localhost:18888/traces/detail/", "", StringComparison.Ordinal);
        await Row(page, entry).GetByRole(AriaRole.Button).ClickAsync();

        Assert.Equal(32, traceId.Length);
        await Expect(link).ToHaveTextAsync(traceId[..8]);
        await Eventually.TrueAsync(
            async () => await page.EvaluateAsync<string>("navigator.clipboard.readText()") == traceId,
            "the trace id is in the clipboard"
        );
    }

    [Fact]
    public async Task The_page_fits_every_screen_and_nothing_moves_for_a_visitor_who_does_not_want_it()
    {
        await using var host = await LivePageHost.StartAsync(servers);
        var page = await Browser.VisitAsync(motion: ReducedMotion.Reduce);
        await host.RegisterAsync((1, "Bar left"), (2, "The extraordinarily long-named counter at the far end of the beer garden"), (4, "Terrace"));
        await host.Services.GetRequiredService<TapPresence>().ConnectedAsync([1, 2, 4]);
        await host.Services.GetRequiredService<TapPresence>().DisconnectedAsync(2);
        await host.PutKegAsync(tapId: 1, "Pils", sizeMl: 30_000);
        await host.PutKegAsync(tapId: 2, "Old Foghorn's Extraordinarily Long-Named Barleywine", sizeMl: 4_000);
        await host.OpenAsync(page);
        IngestEntry last = null!;
        for (var i = 0; i < 24; i++)
        {
            last = await host.AppendAsync(new[] { 250m, 473m, 500m, 1000m, 568m }[i % 5], 1 + (i * i % 7 % 3));
            if (i < 22)
            {
                await host.StoreAsync(last);
            }
        }

        await Expect(Row(page, last)).ToBeVisibleAsync();
        await Expect(page.Locator("#total-pours")).ToHaveTextAsync("24");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.getAnimations().length"));
        await Expect(page.GetByText("L over: changed?")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-tap='2'] .tap-status")).ToHaveTextAsync("offline");

        await Chromium.FitsAsync(
            page,
            ("desktop", 1440, 900, ColorScheme.Light),
            ("dark", 1440, 900, ColorScheme.Dark),
            ("phone", 390, 844, ColorScheme.Light),
            ("stadium", 3840, 2160, ColorScheme.Dark)
        );
    }

    /// <summary>What a page loads from elsewhere, what it fails to load, and what the browser says against it.</summary>
    private static ConcurrentQueue<string> Complaints(IPage page, string address)
    {
        var complaints = new ConcurrentQueue<string>();
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                complaints.Enqueue(request.Url);
            }
        };
        page.RequestFailed += (_, request) => complaints.Enqueue($"{request.Url}: {request.Failure}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                complaints.Enqueue($"{response.Url}: {response.Status}");
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => complaints.Enqueue(error);
        return complaints;
    }

    private static ILocator Row(IPage page, IngestEntry entry) => page.Locator($"[data-pour='{entry.Id}']");

    private static ILocator Counter(IPage page, int tapId) => page.Locator($"[data-tap='{tapId}'] .tap-pours");
}
